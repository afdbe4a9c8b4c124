"""Payloads written out on the command line are their reader's only, and the file is found fit beforehand."""

import stat
from pathlib import Path

from broker.cli import rejected
from broker.domain.delivery import PayloadName
from consumers.kit.language import Language
from consumers.kit.rejected import Rejected

BYTES = b"a payload in clear"
NAME = "q-" + "a" * 52


def one_rejected() -> Rejected:
    return Rejected(PayloadName(0, 0, "00" * 32, NAME), None, "schema_unknown", "", (), "00" * 32, BYTES)


def test_a_payload_given_back_is_nobody_elses_to_read_whatever_stood_there(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.avro"
    path.write_bytes(b"before")
    path.chmod(0o644)
    assert rejected.write([one_rejected()], tmp_path, Language({}, {}, {})) == 1
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (BYTES, 0o600)


def test_a_payload_given_back_does_not_follow_a_link(tmp_path: Path) -> None:
    elsewhere, out = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.write_bytes(b"before")
    out.mkdir()
    (out / f"{NAME}.avro").symlink_to(elsewhere)
    rejected.write([one_rejected()], out, Language({}, {}, {}))
    assert elsewhere.read_bytes() == b"before"
    assert (out / f"{NAME}.avro").read_bytes() == BYTES
