"""An exchange for the length of one command: made, running, and gone whatever happens."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from broker.onebox.down import down
from broker.onebox.record import StartOptions
from broker.onebox.up import up


@contextmanager
def passing_exchange(
    name: str, options: StartOptions, say: Callable[[str], None], keep: Path | None = None
) -> Iterator[Path]:
    """A fresh exchange in a folder of its own; stopped at the end, and the folder removed unless kept.

    Args:
        name: of the command; part of the temporary folder's name.
        say: told how the start goes, a line at a time.
        keep: make it in this folder and leave it there.
    """
    made = Path(tempfile.mkdtemp(prefix=f"candour-{name}-")) if keep is None else None
    folder = keep or Path(str(made)) / "exchange"
    try:
        with _ended_by_signals():
            up(folder, options, say)
            yield folder
    finally:
        # A second Ctrl-C must not leave half of it running.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            down(folder)
            if made is not None:
                shutil.rmtree(made, ignore_errors=True)
        finally:
            signal.signal(signal.SIGINT, before)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end a command as Ctrl-C does, so that it still cleans up."""

    def end(_: int, __: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
