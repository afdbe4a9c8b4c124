"""What an agency writes as JSON comes back as the same JSON from the Avro that travels, for every type."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.domain.vocabulary import AgencyKind
from broker.wire.shape import Shape
from consumers.kit.language import read_language
from consumers.kit.line import read_line
from consumers.kit.reading import to_json
from tests import builders

LANGUAGE = read_language(builders.SCHEMAS)
EVENT_TYPES = sorted(path.stem for path in builders.SCHEMAS.glob("*.avsc"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REFERENCE = st.from_regex(r"[A-Z0-9]{1,6}(-[A-Z0-9]{1,6})?", fullmatch=True)
# Fields that name somebody or something are checked beyond their type.
NAMED = {
    "subject.nhs_number": st.sampled_from([one.nhs_number for one in builders.PEOPLE]),
    "subject.date_of_birth": st.sampled_from(["1988", "1988-04", "1988-04-02"]),
    "subject.local_ref": REFERENCE,
    "incident_ref": REFERENCE,
    "episode_ref": REFERENCE,
    "event_id": st.uuids(version=4).map(str),
}


def instants() -> st.SearchStrategy[str]:
    """Instants to the microsecond, each at an offset that somebody's clock may have."""
    offsets = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
    return st.builds(
        lambda micros, offset: (EPOCH + timedelta(microseconds=micros)).astimezone(offset).isoformat(),
        st.integers(0, 4_102_444_800_000_000),
        offsets,
    )


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Any value of a shape, as JSON spells it."""
    made = NAMED[shape.name] if shape.name in NAMED else _values(shape)
    mandatory = shape.name == "occurred_at"
    return st.none() | made if shape.nullable and not mandatory else made


def _values(shape: Shape) -> st.SearchStrategy[Any]:
    if shape.timestamp:
        return instants()
    if shape.kind == "record":
        return st.fixed_dictionaries({key: values(part) for key, part in shape.fields.items()})
    if shape.kind == "array":
        assert shape.item is not None
        most = min(3, shape.max_items or 3)
        return st.lists(values(shape.item), max_size=most)
    if shape.name.startswith("person.police_link"):
        return REFERENCE
    return _plain(shape)


def _plain(shape: Shape) -> st.SearchStrategy[Any]:
    if shape.kind == "enum":
        return st.sampled_from(shape.symbols)
    if shape.kind == "boolean":
        return st.booleans()
    if shape.kind == "string":
        alphabet = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn"))
        return st.text(alphabet, max_size=min(40, shape.max_length or 40))
    assert shape.kind in {"int", "long"}, shape.kind
    least, most = getattr(shape, "minimum", None), getattr(shape, "maximum", None)
    return st.integers(0 if least is None else least, 1_000 if most is None else most)


def as_instants(shape: Shape, value: Any) -> Any:
    """The same JSON with every instant as an instant, so that 12:00+01:00 and 11:00Z are one."""
    if value is None:
        return None
    if shape.timestamp:
        return datetime.fromisoformat(value)
    if shape.kind == "record":
        return {key: as_instants(part, value[key]) for key, part in shape.fields.items()}
    if shape.item is not None:
        return [as_instants(shape.item, one) for one in value]
    return value


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@given(data=st.data())
@settings(max_examples=15)
def test_a_line_comes_back_from_avro_as_it_was_written(event_type: str, data: st.DataObject) -> None:
    codec = builders.codec(event_type)
    written = data.draw(values(codec.shape))
    kind = AgencyKind(codec.schema["publishers"][0])
    outgoing = read_line(json.dumps({"event_type": event_type, **written}), 1, LANGUAGE, kind)
    told = to_json(codec.shape, codec.decode(outgoing.body))
    assert as_instants(codec.shape, told) == as_instants(codec.shape, written)
    again = read_line(json.dumps({"event_type": event_type, **told}), 2, LANGUAGE, kind)
    assert again.body == outgoing.body
