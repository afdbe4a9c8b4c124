"""Fixtures for tests that need a whole exchange; each ends with nothing left running."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from tests.exchange import RunningExchange

# Machines are shared: how long an example takes says nothing, and speed is measured in `make bench` only.
settings.register_profile("candour", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("candour")

MakeExchange = Callable[..., RunningExchange]


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    """One exchange of four lanes and one worker of each stage, shared: use people and ids of your own."""
    with RunningExchange(tmp_path_factory.mktemp("shared") / "exchange") as running:
        yield running


@pytest.fixture
def new_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeExchange]:
    """Makes fresh exchanges, up already, that end with the test."""
    with ExitStack() as stack:
        yield _maker(tmp_path_factory, stack)


@pytest.fixture(scope="module")
def module_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeExchange]:
    """As `new_exchange`, for exchanges that end with the module."""
    with ExitStack() as stack:
        yield _maker(tmp_path_factory, stack)


def _maker(paths: pytest.TempPathFactory, stack: ExitStack) -> MakeExchange:
    def make(
        lanes: int = 4, workers: int = 1, environment: Mapping[str, str] | None = None
    ) -> RunningExchange:
        folder = paths.mktemp("exchange") / "exchange"
        return stack.enter_context(RunningExchange(folder, lanes, workers, environment or {}))

    return make
