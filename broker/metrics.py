"""Every metric of the exchange and the port that shows them; labels come from closed lists, never data."""

import threading
import time
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import Counter, Gauge, Histogram, Info, make_wsgi_app

from broker.domain.codes import NOTICES, REASONS, REJECTIONS, STREAM_CODES
from broker.domain.decision import Decision
from broker.domain.identifiers import DeskId
from broker.domain.vocabulary import AgencyKind, ReplyStatus

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

STAGES: Final = (
    "verify",
    "decode",
    "place",
    "produce",
    "fold",
    "match",
    "ask",
    "minimise",
    "plan",
    "seal",
    "commit",
)
"""Steps of intake and release, in the order of the way of the data"""

OTHER: Final = "other"
"""Stands for a label that is on no list: shown, so that somebody notices, and never repeated"""

NO_REASON: Final = "none"

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

STAGE_SECONDS = Histogram(
    "candour_stage_seconds", "Time one batch spends in a stage.", ["stage"], buckets=_SECONDS
)
STAGE_ITEMS = Counter("candour_stage_items_total", "Items that went through a stage.", ["stage"])
STAGE_ERRORS = Counter("candour_stage_errors_total", "Batches that ended a stage with an error.", ["stage"])

DECISIONS = Counter(
    "candour_decisions_total",
    "Decisions by outcome, extent and desk kind.",
    ["outcome", "extent", "desk_kind"],
)
DECISION_REASONS = Counter(
    "candour_decision_reasons_total",
    "Reasons given in decisions ('none' where there are none); a decision may have several.",
    ["reason", "outcome", "desk_kind"],
)
QUARANTINED = Counter("candour_quarantined_total", "Entries put into quarantine.", ["code"])
REJECTIONS_SEEN = Counter("candour_rejections_total", "Payloads and envelopes that intake refused.", ["code"])
REPLIES = Counter("candour_replies_total", "Replies to publishers.", ["status"])
WISHES = Counter("candour_wishes_applied_total", "Wishes applied and confirmed.")
DUPLICATES = Counter("candour_duplicates_total", "Entries dropped because they were there before.")

LANE_POSITION = Gauge("candour_lane_position", "Next offset of lane-log to decide.", ["lane"])
LANE_LAG = Gauge("candour_lane_lag_entries", "Offsets of lane-log behind its end.", ["lane"])
LANE_WAITING = Gauge("candour_lane_waiting_entries", "Entries that wait for the policy engine.", ["lane"])
LANE_OLDEST = Gauge(
    "candour_lane_oldest_undecided_seconds", "Age of the oldest undecided entry; page on it.", ["lane"]
)
LANE_ASKED = Gauge("candour_lane_asked", "Decisions that are due since the lane began.", ["lane"])
LANE_DECIDED = Gauge("candour_lane_decided", "Decisions that are made since the lane began.", ["lane"])
LANE_BOOKS = Gauge(
    "candour_lane_books_difference", "Asked less decided less waiting; anything but 0 is wrong.", ["lane"]
)

LANE_KEPT = Gauge("candour_lane_quarantine_kept", "Payloads in quarantine, nothing done yet.", ["lane"])
LANE_RESUBMITTED = Gauge(
    "candour_lane_quarantine_resubmitted", "Payloads that two holders brought in again.", ["lane"]
)
LANE_DISCARDED = Gauge("candour_lane_quarantine_discarded", "Payloads that two holders discarded.", ["lane"])
LANE_EXPIRED = Gauge(
    "candour_lane_quarantine_expired", "Payloads with which nobody did anything in thirty days.", ["lane"]
)
LANE_QUARANTINE_BOOKS = Gauge(
    "candour_lane_quarantine_difference", "Quarantined less these four; anything but 0 is wrong.", ["lane"]
)

REFERRALS_OPEN = Gauge("candour_referrals_open", "Crisis referrals that nobody has taken on yet.", ["lane"])
SAFETY_GAPS = Counter("candour_safety_gaps_total", "Safety gaps raised: somebody may be without support.")
LEGAL_ALERTS = Counter("candour_legal_alerts_total", "Reported facts that the law does not allow.", ["alert"])
STREAM_NOTICES = Counter(
    "candour_stream_notices_total", "Envelopes out of place in their publisher's stream.", ["code"]
)

TRANSACTIONS = Counter("candour_transactions_total", "Lane transactions.", ["result"])
TRANSACTION_SECONDS = Histogram(
    "candour_transaction_seconds", "From begin to end of a lane transaction.", buckets=_SECONDS
)

CACHE_HITS = Counter("candour_cache_hits_total", "Questions answered from the cache.")
CACHE_MISSES = Counter("candour_cache_misses_total", "Questions that the cache could not answer.")
UNDECIDABLE = Counter("candour_undecidable_total", "Questions found undecidable: a rule fails on them.")
OPA_REQUEST_SECONDS = Histogram("candour_opa_request_seconds", "One request to OPA.", buckets=_SECONDS)
OPA_FAILURES = Counter("candour_opa_failures_total", "Requests to OPA that gave no answer.", ["code"])
OPA_UP = Gauge("candour_opa_up", "1 while OPA answers under the revision in force, else 0.")
POLICY = Info("candour_policy", "The policy revision in force here.")

_OPA_CODES: Final = frozenset(
    {
        "opa_unreachable",
        "opa_timeout",
        "opa_error",
        "opa_rule_failed",
        "opa_wrong_revision",
        "opa_answer_malformed",
    }
)
# Shown as 0 from the start: a series that begins at 1 has not grown, so its first would raise no alert.
for _code in (*REJECTIONS, OTHER):
    QUARANTINED.labels(_code)
for _code in STREAM_CODES:
    STREAM_NOTICES.labels(_code)

_LANE_GAUGES: Final = (
    LANE_POSITION,
    LANE_LAG,
    LANE_WAITING,
    LANE_OLDEST,
    LANE_ASKED,
    LANE_DECIDED,
    LANE_BOOKS,
    REFERRALS_OPEN,
    LANE_KEPT,
    LANE_RESUBMITTED,
    LANE_DISCARDED,
    LANE_EXPIRED,
    LANE_QUARANTINE_BOOKS,
)


@contextmanager
def timed(stage: str, items: int = 1) -> Iterator[None]:
    """Rate, errors and duration of one batch of `items` in a stage of `STAGES`."""
    label = stage if stage in STAGES else OTHER
    began = time.perf_counter()
    try:
        yield
    except Exception:
        STAGE_ERRORS.labels(label).inc()
        raise
    finally:
        STAGE_SECONDS.labels(label).observe(time.perf_counter() - began)
        STAGE_ITEMS.labels(label).inc(items)


def observe_decisions(decisions: Iterable[Decision], desk_kind: Callable[[DeskId], AgencyKind]) -> None:
    """Counts the decisions of one committed plan."""
    alike = Counts((one.desk, one.outcome, one.extent, one.reasons) for one in decisions)
    for (desk, outcome, extent, reasons), count in alike.items():
        kind = desk_kind(desk)
        DECISIONS.labels(outcome, extent, kind).inc(count)
        for reason in reasons or (NO_REASON,):
            label = _listed(reason, REASONS) if reason != NO_REASON else reason
            DECISION_REASONS.labels(label, outcome, kind).inc(count)


def observe_quarantined(code: str) -> None:
    """One entry was put into quarantine."""
    QUARANTINED.labels(_listed(code, REJECTIONS)).inc()


def observe_rejection(code: str) -> None:
    """Intake refused one payload or envelope."""
    REJECTIONS_SEEN.labels(_listed(code, REJECTIONS | NOTICES)).inc()


def observe_stream(code: str) -> None:
    """An envelope was out of place in its publisher's stream."""
    STREAM_NOTICES.labels(_listed(code, NOTICES)).inc()


def observe_replies(statuses: Iterable[ReplyStatus]) -> None:
    """Replies went to publishers."""
    for status, count in Counts(statuses).items():
        REPLIES.labels(status).inc(count)


def observe_transaction(seconds: float, *, committed: bool) -> None:
    """One lane transaction ended."""
    TRANSACTIONS.labels("committed" if committed else "aborted").inc()
    TRANSACTION_SECONDS.observe(seconds)


def observe_lane(
    lane: int, *, position: int, asked: int, decided: int, waiting: int, waiting_entries: int, referrals: int
) -> None:
    """The lane's row as its last transaction left it.

    Args:
        position: next offset to decide.
        asked, decided, waiting: the running totals of the books, in decisions.
        waiting_entries, referrals: entries that wait for OPA; referrals that nobody has taken on yet.
    """
    label = str(lane)
    LANE_POSITION.labels(label).set(position)
    LANE_ASKED.labels(label).set(asked)
    LANE_DECIDED.labels(label).set(decided)
    LANE_WAITING.labels(label).set(waiting_entries)
    REFERRALS_OPEN.labels(label).set(referrals)
    LANE_BOOKS.labels(label).set(asked - decided - waiting)


def observe_quarantine(
    lane: int, *, quarantined: int, kept: int, resubmitted: int, discarded: int, expired: int
) -> None:
    """What has become of every payload that this lane ever put into quarantine.

    Args:
        kept: counted from the rows of the lane; the others are running totals.
    """
    label = str(lane)
    LANE_KEPT.labels(label).set(kept)
    LANE_RESUBMITTED.labels(label).set(resubmitted)
    LANE_DISCARDED.labels(label).set(discarded)
    LANE_EXPIRED.labels(label).set(expired)
    LANE_QUARANTINE_BOOKS.labels(label).set(quarantined - kept - resubmitted - discarded - expired)


def observe_backlog(lane: int, *, lag_entries: int, oldest_undecided_at_us: int | None) -> None:
    """How far a lane is behind; the age goes on growing by itself until this is called again.

    Args:
        oldest_undecided_at_us: when the log took in the oldest entry without a decision; None: there is none.
    """
    label = str(lane)
    LANE_LAG.labels(label).set(lag_entries)
    since_s = None if oldest_undecided_at_us is None else oldest_undecided_at_us / 1e6
    LANE_OLDEST.labels(label).set_function(
        lambda: 0.0 if since_s is None else max(0.0, time.time() - since_s)
    )


def forget_lane(lane: int) -> None:
    """Another worker has this lane now."""
    for gauge in _LANE_GAUGES:
        gauge.remove(str(lane))


def observe_cache(hits: int, misses: int) -> None:
    """What one asking found in the cache."""
    CACHE_HITS.inc(hits)
    CACHE_MISSES.inc(misses)


def observe_opa_failure(code: str) -> None:
    """One request to OPA gave no answer."""
    OPA_FAILURES.labels(_listed(code, _OPA_CODES)).inc()


def observe_revision(revision: str) -> None:
    """The policy revision that counts from here on."""
    POLICY.info({"revision": revision})


class MetricsServer:
    """Serves /metrics, /live and /ready until closed."""

    def __init__(self, server: WSGIServer) -> None:
        self._server = server
        self.port: int = server.server_address[1]
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Stops serving and gives the port back."""
        self._server.shutdown()
        self._server.server_close()


def serve(
    port: int,
    host: str = "127.0.0.1",
    ready: Callable[[], bool] = lambda: True,
    live: Callable[[], bool] = lambda: True,
) -> MetricsServer:
    """Start serving in a thread of its own. Loopback unless told otherwise: the figures are nobody else's.

    Args:
        port: 0 for a free one; the server tells which.
        ready: whether work is being done; called in the server's thread.
        live: whether the process should be left running; called in the server's thread.

    Raises:
        OSError: the port is taken.
    """
    server = _Server((host, port), _QuietHandler)
    server.set_app(_app(ready, live))
    return MetricsServer(server)


def _app(ready: Callable[[], bool], live: Callable[[], bool]) -> "WSGIApplication":
    figures = make_wsgi_app()

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            page: Iterable[bytes] = figures(environ, start_response)
            return page
        checks = {"/live": live, "/ready": ready}
        if path not in checks:
            return _answer(start_response, "404 Not Found", b"no such page\n")
        if checks[path]():
            return _answer(start_response, "200 OK", b"yes\n")
        return _answer(start_response, "503 Service Unavailable", b"no\n")

    return app


def _answer(start_response: "StartResponse", status: str, body: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def _listed(code: str, known: Iterable[str]) -> str:
    return code if code in known else OTHER


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True

    def server_bind(self) -> None:
        # The library's own asks the name service for the host's full name, which may take many seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()


class _QuietHandler(WSGIRequestHandler):
    timeout = 10

    def log_message(self, *_: object) -> None:
        """Requests for figures are not logged."""
