"""The law beats what was signed: agreements that allow what none can are refused, and in force open nothing.

Each agreement of `hostile` is refused by the checker. Then it is put in force all the same, under the
exchange's own signing key, so that nothing but the rules stands between it and the desks.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.domain.identifiers import EventType
from broker.errors import ConfigurationError, UsageError
from broker.policy.compile import compile_policies
from broker.policy.schema_lint import lint
from broker.settings import shipped
from consumers.kit.language import read_language
from consumers.kit.line import read_line
from tests import builders
from tests.exchange import RunningExchange
from tests.system.hostile.forced import (
    AGREEMENTS,
    HERE,
    LABELS,
    everything_of,
    force,
    hostile_policies,
    labelled,
    labelled_schemas,
)
from tests.system.rules import CONTROL_ROOM, CORE, MISSING, STREET_TRIAGE, Became, Night

pytestmark = pytest.mark.exchange

TRIAGED, ENDED, HANDED_OVER = "crisis.triage.completed", "pos.s136.ended", "pos.s136.handover"
VOLUNTEER = "harbour-vcs/volunteer P9"
REFUSED_FOR = {
    "everything-to-police": ("(R1)", "(R3)", "(R8)", "(R10, R36)", "goes to nobody"),
    "everything-to-volunteers": ("(R36)", "never goes to harbour-vcs/volunteer"),
    "lower-demand-to-police": ("PX1 is not a purpose that may be agreed (4.3, R4)",),
    "section-115-to-police": ("(R8)", "(R10, R36)"),
    "violence-duty-to-police": ("(R8)", "(R10, R36)"),
}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("hostile")
    exchange = RunningExchange(folder / "exchange", lanes=2)
    exchange.command("create", "--lanes", "2")
    with pytest.MonkeyPatch.context() as patch:
        force(exchange.folder, hostile_policies(folder), labelled_schemas(folder), patch)
    with exchange:
        night = Night(exchange)
        yield night
        night.close()


def classes_of(event_type: str, names: frozenset[str]) -> dict[str, Any]:
    """Field -> its entry in the published schema."""
    schema = json.loads((shipped("schemas") / f"{event_type}.avsc").read_text(encoding="utf-8"))
    fields = {one["name"]: one for one in schema["fields"]}
    for part in ("subject", "core", "person"):
        fields |= {f"{part}.{one['name']}": one for one in fields[part]["type"]["fields"]}
    return {name: fields[name] for name in names}


def assert_nothing(seen: Became, reason: str) -> None:
    assert (seen.outcome, seen.extent, seen.delivery) == ("denied", "none", None)
    assert reason in seen.reasons


@pytest.mark.parametrize("name", AGREEMENTS)
def test_the_checker_refuses_each_of_these_agreements(name: str, tmp_path: Path) -> None:
    policies = hostile_policies(tmp_path)
    for other in set(AGREEMENTS) - {name}:
        (policies / "agreements" / f"{other}.yaml").unlink()
    shutil.copyfile(shipped("policies") / "subscriptions.yaml", policies / "subscriptions.yaml")
    with pytest.raises(ConfigurationError) as refused:
        compile_policies(policies, shipped("schemas"))
    said = [line for line in str(refused.value).splitlines() if f"{name}.yaml" in line]
    assert said
    for why in REFUSED_FOR[name]:
        assert any(why in line for line in said), why


def test_r1_planned_care_stays_from_police_whatever_was_signed(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    became = night.became(night.tell(TRIAGED, person, setting="planned", purpose="P2"))
    for desk in (f"{CONTROL_ROOM} P2", f"{CONTROL_ROOM} P5", f"{STREET_TRIAGE} P5"):
        assert_nothing(became[desk], "police_planned_care")
    # Asked for care in a live contact it is no police work either.
    live = night.became(night.tell(TRIAGED, person))
    assert_nothing(live[f"{CONTROL_ROOM} P2"], "police_planned_care")


@pytest.mark.parametrize(
    "event_type", ["cmht.appointment.missed", "cmht.section117.changed", "ward.admitted", "ward.discharged"]
)
def test_r1_what_community_teams_and_wards_do_stays_from_police_under_any_label(
    night: Night, event_type: str
) -> None:
    person = night.somebody()
    night.arrive(person)
    live = night.tell(event_type, person, setting="emergency_live", purpose="P1")
    assert_nothing(night.at(live, CONTROL_ROOM), "police_planned_care")


def test_r2_of_a_safety_plan_police_get_what_the_person_marked_for_them_alone(
    night: Night,
) -> None:
    plan, person = "crisis.safety_plan.updated", night.somebody()
    night.arrive(person)
    changes: dict[str, Any] = {"setting": "emergency_live", "purpose": "P1"}
    changes["person__threshold_confirmed"] = "life_risk"
    seen = night.at(night.tell(plan, person, **changes), CONTROL_ROOM)
    assert seen.given == CORE | {"person.if_police_come"}
    assert "police_plan" in seen.reasons
    assert_nothing(night.at(night.tell(plan, person, setting="planned"), CONTROL_ROOM), "police_planned_care")


@pytest.mark.parametrize("event_type", ["cmht.crisis_plan.updated", "cmht.coordinator.allocated"])
def test_r2_no_plan_and_no_coordinator_goes_to_police(night: Night, event_type: str) -> None:
    person = night.somebody()
    night.arrive(person)
    live = night.tell(event_type, person, setting="emergency_live", purpose="P1")
    assert_nothing(night.at(live, CONTROL_ROOM), "police_plan")


def test_r3_a_standing_subscription_to_people_brings_police_nothing(night: Night) -> None:
    became = night.became(night.tell(TRIAGED, night.somebody(), person__police_link=None))
    assert_nothing(became[f"{CONTROL_ROOM} P5"], "police_not_confirmed")


def test_r4_a_refused_purpose_opens_nothing_to_who_asks_for_it_or_publishes_for_it(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    assert_nothing(night.became(night.tell(TRIAGED, person))[f"{STREET_TRIAGE} PX1"], "refused_purpose")
    for purpose in ("PX1", "PX2", "PX3", "PX5"):
        became = night.became(night.tell(TRIAGED, person, purpose=purpose))
        assert f"{CONTROL_ROOM} P5" in became
        for desk, seen in became.items():
            # Who must act still hears that somebody needs help: no word of the publisher's can stop that.
            assert seen.given <= CORE, (purpose, desk)
            assert "refused_purpose" in seen.reasons, (purpose, desk)


@pytest.mark.parametrize("event_type", LABELS)
def test_r5_r6_r7_a_label_a_count_or_an_order_to_withhold_is_refused_by_language_and_linter(
    event_type: str,
) -> None:
    name, rule = LABELS[event_type]
    found = lint(labelled(event_type, name))
    assert [(one.rule, one.path) for one in found] == [("name_forbidden", f"person.{name}")]
    assert f"({rule})" in found[0].message
    # The published language has no place for it: a system that sends it is told so.
    record = json.loads(builders.line(event_type, builders.BUILDERS[event_type]()))
    record["person"][name] = True
    language = read_language(shipped("schemas"))
    (kind, *_) = language.publishers[EventType(event_type)]
    with pytest.raises(UsageError, match=f"person.{name}"):
        read_line(json.dumps(record), 1, language, kind)


@pytest.mark.parametrize("event_type", LABELS, ids=["r5 label", "r6 count", "r7 withhold"])
def test_r5_r6_r7_a_type_that_has_room_for_one_is_released_to_nobody(night: Night, event_type: str) -> None:
    person = night.somebody()
    became = night.became(night.tell(event_type, person, setting="emergency_live", purpose="P1"))
    assert became
    for desk, seen in became.items():
        assert "forbidden_label" in seen.reasons, desk
        # At most the neutral core, to who must act.
        assert seen.given in (frozenset(), CORE), desk


def test_r10_r36_not_one_field_beyond_what_4_5_lets_police_have(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    for event_type in (TRIAGED, "crisis.home_treatment.started", "ed.mh.arrived", "amb.mh_response.outcome"):
        record = night.tell(event_type, person)
        seen = night.became(record)[f"{CONTROL_ROOM} P5"]
        # The agreement names every field of it, so that it is the law that withholds them.
        assert set(everything_of(event_type)) > seen.given > CORE, event_type
        # The class table would stop it too; the rule does not lean on that.
        held = {one["class"] for one in classes_of(event_type, frozenset(everything_of(event_type))).values()}
        assert ("police_no_clinical" in seen.reasons) == bool(held & {"CL", "CX", "TP", "SC"}), event_type
        for name, entry in classes_of(event_type, seen.given).items():
            marked = "for_police" in entry.get("traits", ())
            assert entry["class"] in {"core", "ID", "LP", "OP", "SF", "LA", "ST"} or marked, name
            assert name != "subject.nhs_number"
        assert person.nhs_number not in str(seen.delivery)
        assert seen.delivery is not None
        # Nor does it take away what must go with it (R8).
        assert seen.delivery["marking"] == "incident_only"
        assert seen.delivery["expires_at"] is not None


def test_r12_with_the_serious_violence_duty_as_gateway_nothing_goes(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    became = night.became(night.tell(TRIAGED, person))
    assert_nothing(became[f"{STREET_TRIAGE} P5"], "serious_violence_duty")
    # The gateway alone makes the difference: the same was signed without it for the control room.
    assert became[f"{CONTROL_ROOM} P5"].extent == "minimised"


def test_r13_on_section_115_alone_nothing_goes(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    became = night.became(night.tell(TRIAGED, person))
    assert_nothing(became[f"{MISSING} P5"], "section_115_alone")
    assert became[f"{CONTROL_ROOM} P5"].extent == "minimised"


def test_r21_of_the_end_of_custody_police_get_the_time_although_everything_was_signed(night: Night) -> None:
    person = night.somebody()
    night.arrive(person)
    over = night.became(night.tell(HANDED_OVER, person))[f"{CONTROL_ROOM} P5"]
    entries = classes_of(HANDED_OVER, over.given)
    assert {entry["class"] for entry in entries.values()} == {"core", "OP"}
    end = night.became(night.tell(ENDED, person))[f"{CONTROL_ROOM} P5"]
    assert end.given == CORE | {"person.ended_at"}
    assert "custody_end_only" in end.reasons


def test_r24_where_somebody_protected_is_stays_from_police_and_volunteers(night: Night) -> None:
    person = night.somebody()
    night.tell("person.restriction.set", person)
    arrival = night.arrive(person)
    became = night.became(arrival)
    assert any(seen.delivery is not None for seen in became.values())
    for seen in became.values():
        traits = {
            one
            for entry in classes_of("pos.s136.arrived", seen.given).values()
            for one in entry.get("traits", ())
        }
        assert "locates" not in traits
        assert seen.given.isdisjoint({"subject.phone", "subject.address"})


@pytest.mark.parametrize(
    "event_type",
    [
        "police.s136.detained",
        "pos.s136.arrived",
        "sc.safeguarding.concern_raised",
        "sc.amhp.assessment_requested",
        "cmht.section117.changed",
        "ward.discharged",
    ],
)
def test_r29_no_yes_and_no_agreement_brings_a_volunteer_police_legal_or_safeguarding_events(
    night: Night, event_type: str
) -> None:
    person = night.somebody()
    night.arrive(person)
    everything = ["ID", "CT", "LP", "LA", "OP", "SF", "LG", "CL", "AU", "CO", "SG", "SC", "ST", "TP"]
    scope: dict[str, Any] = {
        "person__scope_recipients": ["harbour-vcs/volunteer"],
        "person__scope_purposes": ["P9"],
        "person__scope_classes": everything,
    }
    night.tell("person.permission.given", person, **scope)
    seen = night.became(night.tell(event_type, person))[VOLUNTEER]
    assert (seen.extent, seen.delivery) == ("none", None)
    assert "volunteer_limits" in seen.reasons
    # Of a referral, which is for them, all was signed and agreed too: still nothing clinical, no incident.
    told = night.became(night.tell("vcs.referral.sent", person, incident_ref="I-77"))[VOLUNTEER]
    assert told.given >= {"subject.given_name", "person.preferred_contact"}
    assert told.given.isdisjoint({"person.support_needs", "incident_ref", "subject.family_name"})
    assert "volunteer_limits" in told.reasons


def test_every_hostile_agreement_has_its_reasons_here() -> None:
    assert set(REFUSED_FOR) == set(AGREEMENTS)
    assert (HERE / "subscriptions.yaml").is_file()
