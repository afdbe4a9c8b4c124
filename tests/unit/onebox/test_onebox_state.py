"""run/state.json survives being read at any moment."""

from pathlib import Path

import pytest

from broker.onebox.state import ExchangeState, PartReport, PartState, Phase, read_state, write_state

STATE = ExchangeState(
    phase=Phase.RUNNING,
    pid=7,
    ports={"kafka": 20_000},
    parts={"release-0": PartReport(PartState.FAILING, 8, restarts=5, exit_code=-9, since_s=1.5)},
)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)

    assert read_state(tmp_path) == STATE


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"phase": "dancing", "parts": {}}', '{"parts": {"x": {}}}']
)
def test_what_cannot_be_read_is_no_state(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)

    assert read_state(tmp_path) is None
