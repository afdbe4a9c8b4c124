"""Registers every version of the published language in a registry that speaks Confluent's protocol.

For discovery alone: an agency finds a schema there by its name. Neither exchange nor kit asks a registry, and
whoever takes a schema from one compares its SHA-256 with the fingerprint in hand.
"""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from broker.errors import DependencyError, UsageError
from broker.wire.avro import fingerprint, schema_text
from broker.wire.versions import DELIVERY_VERSIONS, VERSIONS, read_versions

COMPATIBILITY: Final = "FULL_TRANSITIVE"
"""What we hold ourselves to: every version reads every other"""

_TYPE: Final = "application/vnd.schemaregistry.v1+json"
_TIMEOUT_S: Final = 30.0
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Registered:
    """One version as the registry has it."""

    subject: str
    """the schema's full name, such as `police.s136.detained`"""
    version: str
    """ours; the registry counts by itself"""
    fingerprint: str
    """SHA-256 of the whole schema, 64 hexadecimal digits"""
    id: int | None
    """the registry's; None where it refused"""
    new: bool
    problem: str = ""


class RefusedError(Exception):
    """The registry says no. Its text is about schemas, which name nobody."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class RegistryClient:
    """Talks to one registry."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise UsageError("A registry's address begins with http:// or https://.")

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The parsed answer.

        Raises:
            RefusedError: with the registry's own status and words.
            DependencyError: it does not answer, or not as a registry does.
        """
        data = None if body is None else json.dumps(body).encode("utf-8")
        request = urllib.request.Request(  # noqa: S310 - http and https only, checked above
            self.url.rstrip("/") + path, data=data, method=method, headers=self._headers()
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RefusedError(error.code, _words(error)) from None
        except (OSError, ValueError):
            raise DependencyError("registry_not_reached") from None

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": _TYPE, "Content-Type": _TYPE}
        if self.user:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
            headers["Authorization"] = f"Basic {pair}"
        return headers


def publish(schemas: Path, client: RegistryClient) -> Iterator[Registered]:
    """Registers what the registry does not have, oldest version first, under the schema's full name.

    Raises:
        ConfigurationError: a recorded version is not as it was recorded.
        DependencyError: the registry does not answer.
    """
    for folder in (VERSIONS, DELIVERY_VERSIONS):
        for recorded in read_versions(schemas / folder).values():
            for one in recorded:
                yield _register(client, one.schema, str(one.version))


def _register(client: RegistryClient, schema: Mapping[str, Any], version: str) -> Registered:
    subject = f"{schema['namespace']}.{schema['name']}"
    print_ = fingerprint(schema)
    place = f"/subjects/{urllib.parse.quote(subject, safe='')}"
    body = {"schema": schema_text(schema), "schemaType": "AVRO"}
    try:
        known = _known(client, place, body)
        if known is None:
            client.call("PUT", f"/config{place.removeprefix('/subjects')}", {"compatibility": COMPATIBILITY})
            known = int(client.call("POST", f"{place}/versions", body)["id"])
            return _compared(client, Registered(subject, version, print_.hex(), known, new=True))
        return _compared(client, Registered(subject, version, print_.hex(), known, new=False))
    except RefusedError as error:
        return Registered(subject, version, print_.hex(), None, new=False, problem=f"refused: {error}")


def _known(client: RegistryClient, place: str, body: Mapping[str, Any]) -> int | None:
    """The registry's id of this very schema; None when it has none."""
    try:
        return int(client.call("POST", place, body)["id"])
    except RefusedError as error:
        if error.status == _NOT_FOUND:
            return None
        raise


def _compared(client: RegistryClient, one: Registered) -> Registered:
    """What was registered is read back: a registry that drops our classes would hand out another schema."""
    kept = json.loads(client.call("GET", f"/schemas/ids/{one.id}")["schema"])
    if fingerprint(kept).hex() == one.fingerprint:
        return one
    return Registered(one.subject, one.version, one.fingerprint, one.id, one.new, "kept otherwise than sent")


def _words(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["message"])[:500]
    except (OSError, ValueError, KeyError, TypeError):
        return f"status {error.code}"
