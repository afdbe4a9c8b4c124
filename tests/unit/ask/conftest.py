"""A policy engine that plays along, or does not: an HTTP server on loopback."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from broker.ask.canary import CANARY
from broker.ask.client import Asker
from broker.ask.opa.client import AskClient
from broker.domain.identifiers import AgreementId, PolicyRevision
from broker.domain.question import Question

Answers = dict[str, Any]


def honest_answer(row: dict[str, Any]) -> dict[str, Any]:
    """A permit of one field, or for the canary the denial that is due."""
    permitted = row["event_type"] != "canary"
    return {
        "question": row,
        "answer": "PERMIT" if permitted else "DENY",
        "fields": {"occurred_at": "whole"} if permitted else {},
        "basis": "B6" if permitted else None,
        "obligations": {"expires_after_hours": 72, "marking": "direct_care", "incident_only": False},
        "reasons": [] if permitted else ["no_agreement"],
    }


class FakeOpa:
    """Answers honestly until `play` is set; counts what it was asked."""

    def __init__(self) -> None:
        self.revision = "rev-1"
        self.url = ""
        self.asked: list[list[str]] = []
        self.play: Callable[[dict[str, Any]], Awaitable[web.StreamResponse]] = self.honest
        self.sent: dict[str, str] = {}
        """query parameters and headers of the last request"""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request to the batch rule."""
        questions = (await request.json())["input"]["questions"]
        self.asked.append([row["agreement"] for row in questions.values()])
        self.sent = {**request.query, "path": request.path, **request.headers}
        return await self.play(questions)

    async def honest(self, questions: dict[str, Any]) -> web.StreamResponse:
        """As the policies would answer."""
        return self.reply({name: honest_answer(row) for name, row in questions.items()})

    def reply(self, answers: Answers) -> web.Response:
        """A reply in OPA's form with these answers."""
        return self.reply_text(json.dumps(answers))

    def reply_text(self, text: str) -> web.Response:
        """A reply in OPA's form whose result is this very string."""
        provenance = {"version": "1.22.2", "bundles": {"candour": {"revision": self.revision}}}
        return web.json_response({"provenance": provenance, "result": text})

    def rule_failed(self) -> web.Response:
        """OPA's own word for an error in a rule."""
        body = {"code": "internal_error", "message": "x", "errors": [{"code": "eval_builtin_error"}]}
        return web.json_response(body, status=500)


@pytest.fixture
async def opa() -> AsyncIterator[FakeOpa]:
    fake = FakeOpa()
    app = web.Application()
    app.router.add_post("/v1/data/candour/batch/answers", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def client(opa: FakeOpa) -> AsyncIterator[AskClient]:
    # The server shares this test's loop and core: an honest answer may take its time.
    client = AskClient(opa.url, timeout_s=2.0)
    yield client
    await client.close()


@pytest.fixture
async def hasty(opa: FakeOpa) -> AsyncIterator[AskClient]:
    """For an engine that never answers."""
    client = AskClient(opa.url, timeout_s=0.3)
    yield client
    await client.close()


@pytest.fixture
async def asker(client: AskClient) -> AsyncIterator[Asker]:
    asker = Asker([client], chance=lambda: 0.0)
    yield asker
    await asker.close()


@pytest.fixture
async def hasty_asker(hasty: AskClient) -> AsyncIterator[Asker]:
    asker = Asker([hasty], chance=lambda: 0.0)
    yield asker
    await asker.close()


@pytest.fixture
def revision() -> PolicyRevision:
    return PolicyRevision("rev-1")


@pytest.fixture
def questions() -> list[Question]:
    """Twenty questions, told apart by their agreement."""
    return [
        replace(CANARY, event_type="police.s136.detained", agreement=AgreementId(f"agreement-{number}"))
        for number in range(20)
    ]


@pytest.fixture
def honest() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return honest_answer
