"""`candour up --foreground`: the exchange for as long as the command runs, as containers want it."""

import time
from collections.abc import Callable
from pathlib import Path

from broker.errors import EXIT_DONE, EXIT_RESTART, UsageError
from broker.onebox.locks import is_running
from broker.onebox.passing import passing_exchange
from broker.onebox.record import StartOptions
from broker.onebox.state import Phase, read_state

_LOOK_S = 1.0


def stay_up(folder: Path, asked: StartOptions, say: Callable[[str], None]) -> int:
    """Brings the exchange up and stays until it ends by itself; Ctrl-C and SIGTERM stop it and are no error.

    Returns:
        0 after a stop that was asked for, else the supervisor's own code; 70 where it was killed.

    Raises:
        UsageError: it runs already; its end is not ours to decide.
        CandourError: as `up`.
    """
    if is_running(folder / "run"):
        raise UsageError(f"the exchange in {folder} is up already: candour down")
    try:
        with passing_exchange("up", asked, say, keep=folder):
            while is_running(folder / "run"):
                time.sleep(_LOOK_S)
            state = read_state(folder / "run")
            if state is None or state.phase not in (Phase.STOPPED, Phase.FAILED):
                say("the exchange was killed")
                return EXIT_RESTART
            return state.exit_code
    except KeyboardInterrupt:
        return EXIT_DONE
