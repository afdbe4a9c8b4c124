"""What the kit remembers is there after a crash, and one outbox at a time uses it."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from broker.errors import UsageError
from consumers.kit.store import InboxStore, OutboxStore


def test_a_stream_and_its_sequence_go_on_over_restarts(tmp_path: Path) -> None:
    store = OutboxStore(tmp_path / "o.sqlite", b"a" * 16)
    assert (store.stream, store.next_sequence) == (b"a" * 16, 0)
    store.add([b"one", b"two"])
    store.sent([0])
    store.close()
    again = OutboxStore(tmp_path / "o.sqlite", b"b" * 16)
    assert (again.stream, again.next_sequence) == (b"a" * 16, 2)
    assert again.unsent() == [(1, b"two")]
    again.close()


def test_an_envelope_kept_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from consumers.kit.store import OutboxStore\n"
        "store = OutboxStore(Path(sys.argv[1]), b'a' * 16); store.add([b'kept'])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "o.sqlite"
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=30)
    assert done.returncode == -9
    store = OutboxStore(path, b"b" * 16)
    assert (store.unsent(), store.next_sequence, store.stream) == ([(0, b"kept")], 1, b"a" * 16)
    store.close()


def test_a_second_writer_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite"
    first = OutboxStore(path, b"a" * 16)
    with pytest.raises(UsageError, match="Another program"):
        OutboxStore(path, b"b" * 16, wait_s=0.1)
    script = (
        "import sys; from pathlib import Path; from consumers.kit.store import OutboxStore\n"
        "OutboxStore(Path(sys.argv[1]), b'b' * 16, wait_s=0.1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False, timeout=30
    )
    assert "Another program" in done.stderr
    first.close()
    OutboxStore(path, b"c" * 16).close()


def test_ids_are_remembered_over_restarts_and_files_are_private(tmp_path: Path) -> None:
    path = tmp_path / "i.sqlite"
    with InboxStore(path) as store:
        store.take(["d-1", "d-2", "d-1"])
        store.refuse("topic", 0, 7, "signature_invalid")
    with InboxStore(path) as store:
        assert [store.has(name) for name in ("d-1", "d-2", "d-3")] == [True, True, False]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store = OutboxStore(tmp_path / "o.sqlite", b"a" * 16)
    store.close()
    assert stat.S_IMODE((tmp_path / "o.sqlite").stat().st_mode) == 0o600
