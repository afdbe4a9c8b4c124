"""What a desk calls a person: its agency's own words, unless the words never leave the agency."""

import hashlib

from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind, Purpose
from broker.release.naming import Naming, delivery_id

NAMING = Naming(lambda route: hashlib.sha512(route.encode()).digest())
PEER = (DeskId("northmoor-crisis/peer"), AgencyKind.CRISIS, Purpose.P1)


def test_inside_an_agency_a_desk_gets_a_pseudonym_where_fields_alone_may_tell() -> None:
    subject = "ref:northmoor-crisis:C-7"
    assert NAMING.subject(*PEER, subject) == "C-7"
    inside = NAMING.subject(*PEER, subject, within=True)
    assert inside.startswith("s_")
    assert NAMING.subject_behind(*PEER, inside) == subject
    issuer = AgencyId("northmoor-crisis")
    assert (
        NAMING.reference(*PEER, issuer, "I-7", within=True) != NAMING.reference(*PEER, issuer, "I-7") == "I-7"
    )


def test_a_delivery_has_the_same_id_whenever_it_is_made_and_no_other_has_it() -> None:
    key = bytes(32)
    first = delivery_id(key, "event", "moor-pos", "e-1", "moor-police/control-room", "P5")
    assert first == delivery_id(key, "event", "moor-pos", "e-1", "moor-police/control-room", "P5")
    others = [
        delivery_id(key, "reply", "moor-pos", "e-1", "moor-police/control-room", "P5"),
        delivery_id(key, "event", "moor-pos", "e-2", "moor-police/control-room", "P5"),
        delivery_id(key, "event", "moor-pos", "e-1", "moor-police/control-room", "P7"),
        delivery_id(bytes(31) + b"x", "event", "moor-pos", "e-1", "moor-police/control-room", "P5"),
    ]
    assert len({first, *others}) == 5
