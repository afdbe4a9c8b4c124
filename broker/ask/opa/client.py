"""Asks one OPA: sends questions in one request and takes its reply in full or not at all."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from opa_client import errors as opa_errors
from opa_client.opa_async import AsyncOpaClient

from broker import metrics
from broker.ask import parse
from broker.domain.answer import Answer
from broker.domain.identifiers import PolicyRevision, QuestionHash
from broker.domain.question import Question
from broker.errors import ConfigurationError, DependencyError

# Constants, never data: the client puts them into the URL as they are (CVE-2025-46569).
PACKAGE: Final = "candour.batch"
RULE: Final = "answers"
PARAMETERS: Final = {"provenance": "true", "strict-builtin-errors": "true"}

TIMEOUT_S: Final = 1.5
# A slow machine answers some 1,000 questions a second (6,100 to 7,500 measured, design 5).
TIMEOUT_PER_QUESTION_S: Final = 0.001

MOST_QUESTIONS: Final = 500

_CODES: Final[Mapping[type[Exception], str]] = {
    TimeoutError: parse.TIMEOUT,
    aiohttp.ClientError: parse.UNREACHABLE,
    OSError: parse.UNREACHABLE,
    opa_errors.ConnectionsError: parse.UNREACHABLE,
    opa_errors.SSLError: parse.UNREACHABLE,
    opa_errors.QueryExecuteError: parse.ERROR,
    opa_errors.PolicyNotFoundError: parse.ERROR,
    opa_errors.DeleteDataError: parse.ERROR,
    opa_errors.DeletePolicyError: parse.ERROR,
    opa_errors.PatchDataError: parse.ERROR,
    opa_errors.PathNotFoundError: parse.ERROR,
    opa_errors.RegoParseError: parse.ERROR,
    opa_errors.FileError: parse.ERROR,
    opa_errors.TypeException: parse.ERROR,
}
"""Every error that asking can meet; the first that fits counts"""


class _AsItCame(aiohttp.ClientResponse):
    """Hands a reply over unread: the stock client takes duplicate keys, NaN and any length (2.7)."""

    most_bytes = parse.max_reply_bytes(MOST_QUESTIONS)

    def raise_for_status(self) -> None:
        """A 500 is read too: whether a rule failed stands in its body."""

    async def json(self, **_: object) -> parse.Reply:
        """So that `query_rule` returns the bytes and the status."""
        body = bytearray()
        async for chunk in self.content.iter_chunked(65536):
            body += chunk
            if len(body) > self.most_bytes:
                raise DependencyError(parse.MALFORMED)
        return parse.Reply(self.status, bytes(body))


class _RawOpaClient(AsyncOpaClient):  # type: ignore[misc]  # opa_client ships no types
    """The stock client over a session whose replies come as they are."""

    _session: aiohttp.ClientSession

    async def _init_session(self) -> None:
        await super()._init_session()
        self._session.detach()
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            headers=self.headers,
            response_class=_AsItCame,
            timeout=aiohttp.ClientTimeout(total=self.timeout),
        )


class AskClient:
    """One OPA address."""

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """Args: url: `http://127.0.0.1:8181`, nothing after the port; timeout_s: for one question."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ConfigurationError("opa_urls: an address is http(s)://host:port and nothing after it")
        self._timeout_s = timeout_s
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._client = _RawOpaClient(
            host=host,
            port=parts.port or 8181,
            ssl=parts.scheme == "https",
            retries=0,
            timeout=self._allowed_s(MOST_QUESTIONS),
            # OPA would compress at its slowest level what never leaves the machine.
            headers={"Accept-Encoding": "identity"},
        )
        self._open = False

    async def ask(
        self, questions: Mapping[QuestionHash, Question], revision: PolicyRevision
    ) -> dict[QuestionHash, Answer]:
        """Answers every question, or raises; never answers for some.

        Raises:
            DependencyError: with a code of `parse.FAILURES`.
        """
        body = {"questions": {name: question.row() for name, question in questions.items()}}
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._allowed_s(len(questions))):
                if not self._open:
                    await self._client.__aenter__()
                    self._open = True
                reply = await self._client.query_rule(body, PACKAGE, RULE, dict(PARAMETERS))
        except tuple(_CODES) as error:
            raise DependencyError(code_of(error)) from None
        finally:
            metrics.OPA_REQUEST_SECONDS.observe(time.perf_counter() - began)
        return parse.read_reply(reply, questions, revision)

    async def close(self) -> None:
        """Ends the connections."""
        if self._open:
            self._open = False
            await self._client.close_connection()

    def _allowed_s(self, questions: int) -> float:
        return self._timeout_s + TIMEOUT_PER_QUESTION_S * questions


def code_of(error: Exception) -> str:
    """The code of one of the errors that asking can meet."""
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))
