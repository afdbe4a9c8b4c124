"""Duty: who is told that nobody has acted yet. Clocks of referrals, and urgent entries that wait too long."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.domain.event import Event
from broker.domain.fields import CITING
from broker.domain.identifiers import EventId
from broker.domain.subjects import event_subject, incident_subject, reference_subject
from broker.domain.vocabulary import Gap, LegalAlert
from broker.lanes.block import Entry, EntryKind
from broker.release.admit import Matter
from broker.release.book import Book
from broker.release.fold import part
from broker.release.forward import between_lanes, data_of
from broker.release.legal import alerts_of, held_us
from broker.release.means import Means
from broker.release.naming import NamedEvent
from broker.release.own_events import (
    LEGAL_ALERT,
    SAFETY_GAP,
    Missing,
    Raised,
    cited_event,
    own_entry,
    raised_alert,
    raised_gap,
)
from broker.release.plan import Planner
from broker.release.referral import CRISIS_ACCEPTANCE, Referral, is_left_alone, opens_referral
from broker.release.reply import Need
from broker.release.settle import Moment
from broker.release.subject import SubjectState

REFERRAL_UNKNOWN = "referral_unknown"
NOT_PASSED_ON = "call_not_passed_on"
CHASED = "consultation_not_recorded"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long people are left waiting before somebody is told."""

    overdue_us: int
    """of an urgent entry that waits for the policy engine"""
    minute_us: int
    """length of an agreed minute"""


class Duty:
    """The clocks of one lane, in one batch. What it does goes into the plan, as everything else."""

    def __init__(
        self, means: Means, book: Book, planner: Planner, moment: Moment, patience: Patience
    ) -> None:
        self._means, self._book, self._planner = means, book, planner
        self._moment, self._patience = moment, patience
        self.causes: list[str] = []
        """class of each exception that a stage raised here; operations are paged"""

    def follow(self, matter: Matter) -> str:
        """Start or stop the clocks that a new event is about, and tell of what cannot wait for one.

        Returns:
            code of what its publisher is to be told of that; empty where there is nothing to tell.
        """
        event = matter.event
        if opens_referral(event):
            self._open(matter)
        if event.spec.event_type in CITING:
            return self._accept(matter)
        # What waited in another lane was told of there, when it was taken in.
        return "" if matter.answered else self._tell_now(matter)

    def taken(self, entry: Entry) -> None:
        """Another lane says that a referral of this one was taken on."""
        data = data_of(entry)
        need = Need(data["place_of_need"], urgent=True)
        if data["event_id"]:
            if self._book.seen(data["publisher"], data["event_id"]) is not None:
                self._handled(data["publisher"], data["event_id"], need, data["by"])
        else:
            self._handled_all(entry.subject, data["by"])

    def look(self, log_until_us: int) -> None:
        """Tell of every delay that has become too long.

        Args:
            log_until_us: everything that the log took in before is handled; a clock that is due later
                may still be stopped by an entry that is on its way.
        """
        for waiting in self._book.overdue(self._moment.now_us - self._patience.overdue_us):
            entry = waiting.entry
            reply = self._planner.replies.overdue(entry, self._planner.replies.need_again(entry))
            self._planner.tell(entry.publisher, entry.subject, reply)
            self._book.told(waiting)
        for referral in self._book.referrals.due(min(log_until_us, self._moment.now_us)):
            self._raise_gap(referral)

    def _open(self, matter: Matter) -> None:
        event, clock = matter.event, self._means.clock(matter.event.place)
        if clock is None:
            return
        opened_at_us = matter.entry.logged_at_us
        due_at_us = opened_at_us + clock.minutes * self._patience.minute_us
        self._book.open_referral(
            Referral(event.publisher, event.event_id, event.place, event.subject, opened_at_us, due_at_us)
        )

    def _tell_now(self, matter: Matter) -> str:
        """Raise what the event itself shows. The fact is taken in and released all the same (3.2 step 0)."""
        event, notice = matter.event, ""
        if is_left_alone(event):
            self._raise_now(matter, Gap.NOT_PASSED_ON)
            notice = NOT_PASSED_ON
        for alert in alerts_of(event, matter.state):
            self._raise_alert(matter, alert)
            if alert is LegalAlert.EXPIRED:
                self._raise_now(matter, Gap.EXPIRED)
            if alert is LegalAlert.NOT_CONSULTED:
                # R16: what is missing is asked for where it is known.
                notice = CHASED
        return matter.entry.code or notice

    def _accept(self, matter: Matter) -> str:
        event = matter.event
        name = part(event, "person").get("referral")
        if name is None:
            if event.spec.event_type == CRISIS_ACCEPTANCE and event.wishes_known:
                self._handled_all(event.subject, event.publisher)
                for subject in _also_known_as(matter.state):
                    self._send_taken(matter, self._means.lane_of(subject), subject)
            return ""
        cited = self._cited(event, name)
        if cited is None:
            return REFERRAL_UNKNOWN
        if cited.lane == self._moment.lane:
            need = Need(event.place, urgent=True)
            self._handled(cited.publisher, cited.event_id, need, event.publisher)
        else:
            self._send_taken(matter, cited.lane, "", cited)
        return ""

    def _cited(self, event: Event, name: str) -> NamedEvent | None:
        # An agency knows its own events by the ids that it gave them.
        if self._book.seen(event.publisher, name) is not None and name != event.event_id:
            return NamedEvent(self._moment.lane, event.publisher, EventId(name))
        return self._means.cited(event.publisher, name)

    def _send_taken(self, matter: Matter, lane: int, subject: str, cited: NamedEvent | None = None) -> None:
        taken = between_lanes(
            EntryKind.TAKEN,
            subject,
            matter.place,
            matter.entry,
            publisher="" if cited is None else cited.publisher,
            event_id="" if cited is None else cited.event_id,
            by=matter.event.publisher,
            place_of_need=matter.event.place,
        )
        self._planner.forward(taken, lane)

    def _handled_all(self, subject: str, by: str) -> None:
        for one in self._book.referrals.of_subject(subject):
            self._handled(one.publisher, one.event_id, Need(one.place, urgent=True), by)

    def _handled(self, publisher: str, event_id: str, need: Need, by: str) -> None:
        referral = self._book.referrals.find(publisher, event_id)
        if referral is not None:
            self._book.close_referral(referral)
        reply = self._planner.replies.handled(publisher, event_id, need, by)
        self._planner.tell(publisher, event_subject(publisher, event_id), reply)

    def _raise_gap(self, referral: Referral) -> None:
        self._book.close_referral(referral)
        clock = self._means.clock(referral.place)
        contact = None if clock is None else clock.duty_contact
        self._raise(
            Missing(
                Gap.NOT_ACCEPTED,
                cited_event(self._moment.lane, referral.publisher, referral.event_id),
                referral.place,
                referral.subject,
                referral.opened_at_us,
                referral.due_at_us,
                None if clock is None else clock.minutes,
                contact,
            )
        )
        need = Need(referral.place, urgent=True)
        reply = self._planner.replies.not_handled(referral.publisher, referral.event_id, need, contact)
        self._planner.tell(referral.publisher, referral.subject, reply)

    def _raise_now(self, matter: Matter, gap: Gap) -> None:
        event, clock = matter.event, self._means.clock(matter.event.place)
        self._raise(
            Missing(
                gap,
                cited_event(self._moment.lane, event.publisher, event.event_id),
                event.place,
                event.subject,
                matter.entry.logged_at_us,
                duty_contact=None if clock is None else clock.duty_contact,
                sound=event.wishes_known,
            )
        )

    def _raise(self, missing: Missing) -> None:
        self._planner.tally.gaps += 1
        self._publish(
            lambda: raised_gap(
                self._means.catalogue.codecs[SAFETY_GAP].schema,
                self._means.keyring.delivery_id,
                missing,
                self._moment.now_us,
            )
        )

    def _raise_alert(self, matter: Matter, alert: LegalAlert) -> None:
        self._planner.tally.alerts.append(alert)
        self._publish(
            lambda: raised_alert(
                self._means.catalogue.codecs[LEGAL_ALERT].schema,
                self._means.keyring.delivery_id,
                alert,
                matter.event,
                self._moment.lane,
                matter.entry.logged_at_us,
                held_us(matter.event, matter.state),
                self._moment.now_us,
            )
        )

    def _publish(self, make: Callable[[], Raised]) -> None:
        """Append an event of the exchange's own to this lane, in the transaction of what it is about."""
        try:
            raised = make()
            codec = self._means.catalogue.codecs[raised.event_type]
            entry = own_entry(codec, raised, self._book.position.offset, self._moment.now_us)
            self._planner.forward(entry, self._moment.lane)
        except Exception as error:  # noqa: BLE001 - nothing of ours may keep its lane from going on (2.2.5)
            self.causes.append(type(error).__name__)


def _also_known_as(state: SubjectState) -> list[str]:
    """Other subjects under which a force may have referred this person before health linked them."""
    names = [
        reference_subject(one.force, one.local_ref) for one in state.incidents if one.local_ref is not None
    ]
    return names + [incident_subject(one.force, one.incident_ref) for one in state.incidents]
