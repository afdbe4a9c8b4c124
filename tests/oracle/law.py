"""What a careful lawyer would note of a reported fact: R16 to R19 and 4.6, read from domain.md alone."""

from collections.abc import Iterator

from tests.oracle.clerk import EXTENSION_GROUNDS, HOUR_US, Event, Facts

UNDER_18 = {"under_16", "age_16_17"}


def alerts(event_type: str, event: Event, facts: Facts) -> set[str]:
    """Codes of what is not as the law asks.

    Args:
        facts: what is known at the event's place, the event's own word included.
    """
    person = event["person"]
    if event_type == "police.s136.detained":
        return set(_detained(person))
    if event_type == "police.s136.conveyance" and person["destination"] == "police_station":
        return {_at_a_police_station(event, facts)} - {""}
    if event_type == "pos.s136.arrived" and person["pos_type"] == "police_station":
        return {_at_a_police_station(event, facts)} - {""}
    if event_type == "pos.s136.extended":
        return set(_extended(person))
    return set(_ended(person, facts)) if event_type == "pos.s136.ended" else set()


def _detained(person: Event) -> Iterator[str]:
    # 4.6: "a private dwelling is not lawful for s136: accepted, legal alert".
    if person["found_at"] and person["found_at"]["place_type"] == "private_dwelling":
        yield "section_136_in_private_dwelling"
    # R16: "states whether ... was consulted before, or why not practicable"; a gap is chased.
    reason = person["why_not_consulted"] not in {"unknown", "not_applicable"}
    if person["consulted"] == "unknown" or (person["consulted"] == "none" and not reason):
        yield "consultation_not_recorded"


def _at_a_police_station(event: Event, facts: Facts) -> str:
    """R19: that it happened is accepted and raises an immediate alert."""
    if event["age_band"] in UNDER_18 or "child" in {*event["restrictions"], *facts.markers}:
        return "police_station_under_18"
    recorded = event["person"]["police_station_conditions"] == "regulations_met"
    return "" if recorded else "police_station_criteria_not_recorded"


def _extended(person: Event) -> Iterator[str]:
    # R18: a reason that is not told is asked for, not alleged.
    if person["extension_reason"] not in {*EXTENSION_GROUNDS, "unknown"}:
        yield "extension_ground_not_lawful"
    if person["extension_hours"] is not None and person["extension_hours"] > 12:  # R17
        yield "extension_too_long"


def _ended(person: Event, facts: Facts) -> Iterator[str]:
    # R17: 24 hours from the first arrival, and what a doctor lawfully added.
    since_us, until_us = facts.custody_since_us, facts.held_until_us
    allowed_us = (24 + facts.extended_hours) * HOUR_US
    if since_us is not None and until_us is not None and until_us - since_us > allowed_us:
        yield "detention_over_limit"
    if person["end_reason"] == "expired":
        yield "detention_expired"
