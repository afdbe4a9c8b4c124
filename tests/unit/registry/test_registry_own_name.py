"""The exchange publishes under a name of its own that nobody else can take."""

from broker.domain.identifiers import AgencyId
from broker.domain.vocabulary import AgencyKind
from broker.registry.registry import Registry, area_faults
from tests.unit.release.events import catalogue


def test_no_agency_can_be_called_as_the_exchange_is_or_be_of_its_kind() -> None:
    agency = {"kind": "crisis", "desks": ["crisis-line"], "reply_desk": "crisis-line"}
    places = {"northmoor": {"clinician_line": "01632 960101"}}
    assert area_faults({"places": places, "agencies": {"northmoor-crisis": agency}}) == []
    for agencies in ({"candour": agency}, {"northmoor-crisis": {**agency, "kind": "broker"}}):
        assert area_faults({"places": places, "agencies": agencies})


def test_the_exchange_has_a_kind_without_taking_part_and_only_it_may_raise_a_gap() -> None:
    assert Registry({}, {}).kind(AgencyId("candour")) is AgencyKind.BROKER
    (spec,) = [one for name, one in catalogue().specs.items() if name == "broker.safety_gap.raised"]
    assert spec.publishers == {AgencyKind.BROKER}
