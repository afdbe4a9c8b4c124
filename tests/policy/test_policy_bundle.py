"""The engine serves the bundle we signed, and no other; and answers one path only (O-10, O-11)."""

import json
import os
import socket
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from key_pair import KeyPair

from broker.ask.canary import CANARY
from broker.errors import ConfigurationError
from broker.policy.bundle import (
    SERVER_ENVIRONMENT,
    SERVER_FLAGS,
    BundleInfo,
    build_signed_bundle,
    opa_config,
)
from broker.settings import shipped

ANSWERS = "/v1/data/candour/batch/answers?provenance=true"
START_S = 60
NO_REPLY = 0


@pytest.fixture(scope="module")
def built(opa: Path, schemas: Path, keys: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> BundleInfo:
    out = tmp_path_factory.mktemp("built")
    return build_signed_bundle(shipped("policies"), schemas, opa, keys.private, out)


class Engine:
    """One engine with settings as we write them."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, None
        except OSError:
            return NO_REPLY, None

    def healthy_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.call("GET", "/health?bundles=true")[0] == 200:
                return True
            time.sleep(0.05)
        return False

    def await_refusal(self) -> None:
        """Returns once it has read the bundle and said that it does not take it.

        Before that an engine that is slow to start would pass for one that refuses. Its health page tells
        nothing: until a bundle is in force that is refused too, as every path is.
        """
        end = time.monotonic() + START_S
        while "Bundle load failed" not in self._log.read_text(encoding="utf-8"):
            assert time.monotonic() < end, "the engine has not said that it refuses the bundle"
            time.sleep(0.05)


@contextmanager
def serving(opa: Path, bundle: Path, public: Path, folder: Path) -> Iterator[Engine]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config, log = folder / "opa.json", folder / "opa.log"
    config.write_text(json.dumps(opa_config(bundle, public)))
    command = [str(opa), "run", "--server", f"--addr=127.0.0.1:{port}", f"--config-file={config}"]
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--log-level=error", *SERVER_FLAGS],
            env={**os.environ, **SERVER_ENVIRONMENT},
            stderr=said,
        )
    try:
        yield Engine(f"http://127.0.0.1:{port}", log)
    finally:
        process.kill()
        process.wait()


def canary() -> dict[str, object]:
    return {"input": {"questions": {"canary": CANARY.row()}}}


def repacked(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with members changed, or left out where `change` gives None."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            extracted = old.extractfile(member)
            assert extracted is not None
            content = change(member.name, extracted.read())
            if content is not None:
                piece = target.parent / "piece"
                piece.write_bytes(content)
                new.add(piece, arcname=member.name)
    return target


def test_the_engine_serves_the_bundle_we_signed_and_says_its_revision(
    opa: Path, built: BundleInfo, keys: KeyPair, tmp_path: Path
) -> None:
    with serving(opa, built.bundle_path, keys.public, tmp_path) as engine:
        assert engine.healthy_within(START_S)
        status, reply = engine.call("POST", ANSWERS, canary())
    assert status == 200
    assert reply["provenance"]["bundles"]["candour"]["revision"] == built.revision
    answer = json.loads(reply["result"])["canary"]
    assert (answer["answer"], answer["reasons"]) == ("DENY", ["no_agreement"])
    assert answer["question"] == CANARY.row()


def test_the_engine_answers_no_other_path_and_takes_no_write(
    opa: Path, built: BundleInfo, keys: KeyPair, tmp_path: Path
) -> None:
    refused = [
        ("PUT", "/v1/data/agreements", {}),
        ("PATCH", "/v1/data/agreements", [{"op": "remove", "path": "/"}]),
        ("PUT", "/v1/policies/mine", {}),
        ("DELETE", "/v1/data/agreements", None),
        ("GET", "/v1/policies", None),
        ("GET", "/v1/data/agreements", None),
        ("POST", "/v1/data", canary()),
        ("POST", "/v1/query", {"query": "data.agreements[x]"}),
        ("POST", "/v1/compile", {"query": "data.agreements[x]"}),
        ("GET", "/v1/config", None),
        ("POST", "/", canary()),
    ]
    with serving(opa, built.bundle_path, keys.public, tmp_path) as engine:
        assert engine.healthy_within(START_S)
        allowed = [one for one in refused if engine.call(*one)[0] not in {401, 403}]
        assert engine.call("POST", ANSWERS, canary())[0] == 200
    assert allowed == []


@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: None if name.endswith(".signatures.json") else content,
        lambda name, content: content + b"\n# more" if name.endswith("objection.rego") else content,
        lambda name, content: content.replace(b'"B1"', b'"B2"') if name.endswith("data.json") else content,
        lambda name, content: None if name.endswith("objection.rego") else content,
        lambda name, content: (
            content.replace(b"northmoor-", b"southmoor-") if ".manifest" in name else content
        ),
    ],
    ids=["unsigned", "a rule changed", "an agreement changed", "a rule left out", "another revision"],
)
def test_the_engine_refuses_a_bundle_that_is_not_as_it_was_signed(
    opa: Path,
    built: BundleInfo,
    keys: KeyPair,
    tmp_path: Path,
    change: Callable[[str, bytes], bytes | None],
) -> None:
    forged = repacked(built.bundle_path, tmp_path / "forged.tar.gz", change)
    with serving(opa, forged, keys.public, tmp_path) as engine:
        engine.await_refusal()
        assert not engine.healthy_within(1.5)
        assert engine.call("POST", ANSWERS, canary())[0] not in {NO_REPLY, 200}


def test_the_engine_refuses_a_bundle_signed_by_another_key(
    opa: Path, schemas: Path, make_keys: Callable[[], KeyPair], keys: KeyPair, tmp_path: Path
) -> None:
    other = build_signed_bundle(shipped("policies"), schemas, opa, make_keys().private, tmp_path / "other")
    with serving(opa, other.bundle_path, keys.public, tmp_path) as engine:
        engine.await_refusal()
        assert not engine.healthy_within(1.5)
        assert engine.call("POST", ANSWERS, canary())[0] not in {NO_REPLY, 200}


def test_the_revision_changes_with_any_rule_or_agreement_and_with_nothing_else(
    opa: Path, schemas: Path, keys: KeyPair, policies: Path, tmp_path: Path, edit: Callable[..., None]
) -> None:
    def revision() -> str:
        return build_signed_bundle(policies, schemas, opa, keys.private, tmp_path / "out").revision

    first = revision()
    edit("sharing/objection/objection_test.rego", "perhaps", "maybe")
    assert revision() == first
    edit("sharing/objection/objection.rego", "The person says no", "The person objects")
    second = revision()
    edit("agreements/crisis-to-peer-support.yaml", "expires_after_hours: 168", "expires_after_hours: 160")
    assert len({first, second, revision()}) == 3


def test_a_bundle_whose_rules_read_the_clock_is_not_built(
    opa: Path, schemas: Path, keys: KeyPair, policies: Path, tmp_path: Path, edit: Callable[..., None]
) -> None:
    edit("sharing/objection/objection.rego", "input.wish in", "time.now_ns() in")
    with pytest.raises(ConfigurationError, match="does not build the bundle"):
        build_signed_bundle(policies, schemas, opa, keys.private, tmp_path / "out")
    assert not (tmp_path / "out" / "data.json").exists()
