"""Figures come from what was decided; labels are from closed lists; the port answers on loopback."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import REGISTRY

from broker import metrics
from broker.ask import parse
from broker.domain.codes import REJECTIONS
from broker.domain.decision import Decision
from broker.domain.identifiers import (
    NO_AGREEMENT,
    AgencyId,
    DeskId,
    EventId,
    EventType,
    PolicyRevision,
    SubscriptionId,
)
from broker.domain.vocabulary import AgencyKind, AnswerKind, Extent, Outcome, Purpose
from broker.lanes.state import Position, Taken
from broker.release.agent import ReleaseWorker
from broker.release.book import Book
from broker.release.lane import LaneWork


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def decision(*reasons: str) -> Decision:
    return Decision(
        EventId("2b7e1516-28ae-42d2-a6ab-f7158809cf4f"), EventType("police.s136.detained"),
        AgencyId("moor-police"),
        SubscriptionId("x"), DeskId("moor-pos/s136-suite"), NO_AGREEMENT, AnswerKind.DENY, Outcome.DENIED,
        Extent.NONE, {}, {}, reasons, None, Purpose.P1, PolicyRevision("rev-1"), 0,
    )  # fmt: skip


def test_decisions_are_counted_by_outcome_and_each_reason_once() -> None:
    labels = {"outcome": "denied", "desk_kind": "place_of_safety"}
    decided = {**labels, "extent": "none"}
    before = value("candour_decisions_total", **decided)
    objections = value("candour_decision_reasons_total", reason="objection", **labels)
    metrics.observe_decisions(
        [decision("no_basis", "objection"), decision("objection")], lambda _: AgencyKind.PLACE_OF_SAFETY
    )
    assert value("candour_decisions_total", **decided) == before + 2
    assert value("candour_decision_reasons_total", reason="objection", **labels) == objections + 2


def test_a_code_from_no_list_never_becomes_a_label() -> None:
    metrics.observe_quarantined("Ann Example")
    metrics.observe_rejection("9990000018")
    metrics.observe_opa_failure("text of a library")
    with pytest.raises(ValueError, match="x"), metrics.timed("Ann Example"):
        raise ValueError("x")
    labels = [
        label for family in REGISTRY.collect() for one in family.samples for label in one.labels.values()
    ]
    assert not {"Ann Example", "9990000018", "text of a library"} & set(labels)
    assert value("candour_quarantined_total", code="other") >= 1


def test_every_failure_of_asking_has_a_label_of_its_own() -> None:
    for code in parse.FAILURES:
        before = value("candour_opa_failures_total", code=code)
        metrics.observe_opa_failure(code)
        assert value("candour_opa_failures_total", code=code) == before + 1


def test_a_stage_shows_its_rate_its_errors_and_its_duration() -> None:
    before = value("candour_stage_errors_total", stage="fold")
    with metrics.timed("fold", items=7):
        pass
    with pytest.raises(ZeroDivisionError), metrics.timed("fold"):
        raise ZeroDivisionError
    assert value("candour_stage_errors_total", stage="fold") == before + 1
    assert value("candour_stage_items_total", stage="fold") >= 8
    assert value("candour_stage_seconds_count", stage="fold") >= 2


def test_the_books_balance_when_every_decision_is_made_or_waits() -> None:
    metrics.observe_lane(5, position=90, asked=100, decided=93, waiting=7, waiting_entries=3, referrals=2)
    assert value("candour_lane_books_difference", lane="5") == 0
    assert value("candour_lane_waiting_entries", lane="5") == 3
    assert value("candour_referrals_open", lane="5") == 2
    metrics.observe_lane(5, position=90, asked=100, decided=92, waiting=7, waiting_entries=3, referrals=2)
    assert value("candour_lane_books_difference", lane="5") == 1
    metrics.forget_lane(5)
    assert REGISTRY.get_sample_value("candour_lane_books_difference", {"lane": "5"}) is None


def test_of_a_lane_that_was_given_away_nothing_is_told_any_more() -> None:
    """The batch that was at hand may end after it: its figures would stand beside the new owner's."""
    lane: Any = object.__new__(LaneWork)
    lane.number, lane.retired = 7, False
    lane._book = Book(Taken(Position(3, "r"), {}), bytes(32))
    lane._observe()
    assert value("candour_lane_position", lane="7") == 3
    lane.retired = True
    metrics.forget_lane(7)
    lane._observe()
    assert REGISTRY.get_sample_value("candour_lane_position", {"lane": "7"}) is None


async def test_of_a_lane_that_is_given_away_while_its_log_is_looked_at_no_backlog_is_told() -> None:
    worker, given, kept = object.__new__(ReleaseWorker), SimpleNamespace(), SimpleNamespace()
    given.retired, kept.retired = False, False
    given.oldest_undecided_us = kept.oldest_undecided_us = lambda: None

    def looked_at(_: int, lane: SimpleNamespace) -> int:
        given.retired = lane is given
        return 4

    with ThreadPoolExecutor(1) as threads:
        worker._threads, worker._lag = threads, looked_at  # type: ignore[method-assign,assignment]
        await worker._observe_backlog(8, given)  # type: ignore[arg-type]
        await worker._observe_backlog(9, kept)  # type: ignore[arg-type]
    assert REGISTRY.get_sample_value("candour_lane_lag_entries", {"lane": "8"}) is None
    assert value("candour_lane_lag_entries", lane="9") == 4


def test_the_age_of_the_oldest_entry_grows_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.time, "time", lambda: 1_000.0)
    metrics.observe_backlog(6, lag_entries=2, oldest_undecided_at_us=990_000_000)
    assert value("candour_lane_oldest_undecided_seconds", lane="6") == 10
    monkeypatch.setattr(metrics.time, "time", lambda: 1_060.0)
    assert value("candour_lane_oldest_undecided_seconds", lane="6") == 70
    metrics.observe_backlog(6, lag_entries=0, oldest_undecided_at_us=None)
    assert value("candour_lane_oldest_undecided_seconds", lane="6") == 0


class Port:
    def __init__(self) -> None:
        self.is_ready = False
        self.server = metrics.serve(0, ready=lambda: self.is_ready)

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
        connection.request("GET", path)
        reply = connection.getresponse()
        body = reply.read().decode()
        connection.close()
        return reply.status, body


@pytest.fixture
def port() -> Iterator[Port]:
    port = Port()
    yield port
    port.server.close()


def test_the_port_shows_figures(port: Port) -> None:
    metrics.observe_revision("rev-1")
    status, page = port.get("/metrics")
    assert status == 200
    assert 'candour_policy_info{revision="rev-1"} 1.0' in page


def test_the_port_says_whether_the_process_lives_and_is_ready(port: Port) -> None:
    assert port.get("/live")[0] == 200
    assert port.get("/ready")[0] == 503
    port.is_ready = True
    assert port.get("/ready")[0] == 200
    assert port.get("/elsewhere")[0] == 404


def test_one_caller_that_says_nothing_does_not_keep_the_others_out(port: Port) -> None:
    silent = http.client.HTTPConnection("127.0.0.1", port.server.port, timeout=5)
    silent.connect()
    assert port.get("/live")[0] == 200
    silent.close()


def test_every_metric_carries_the_prefix_and_its_unit() -> None:
    ours = [one for one in vars(metrics).values() if hasattr(one, "_type") and hasattr(one, "_name")]
    assert len(ours) > 20
    for metric in ours:
        assert metric._name.startswith("candour_")
        if metric._type == "histogram":
            assert metric._name.endswith("_seconds")


def test_every_code_of_quarantine_is_shown_before_its_first_entry() -> None:
    shown = {
        one.labels["code"]
        for family in REGISTRY.collect()
        for one in family.samples
        if one.name == "candour_quarantined_total"
    }
    assert shown == {*REJECTIONS, metrics.OTHER}
