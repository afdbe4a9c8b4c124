"""Identity: is the person of an event the one whom the lane knows under this NHS number? (R36)"""

import hashlib
from dataclasses import replace

from broker.domain.event import Event
from broker.domain.subjects import NHS
from broker.domain.vocabulary import HEALTH_AND_CARE
from broker.release.subject import Identity


def identity_of(event: Event) -> Identity:
    """What an event of health or social care tells of who it is; nothing where anybody else publishes."""
    if event.publisher_kind not in HEALTH_AND_CARE or not event.subject.startswith(NHS):
        return Identity()
    subject = event.record.get("subject") or {}
    return Identity(_letters(subject.get("family_name") or ""), subject.get("date_of_birth") or "")


def identity_after(known: Identity, event: Event) -> Identity:
    """What is known after `event`: what was told first stands, what was not known is added."""
    told = identity_of(event)
    return replace(
        known,
        family_name=known.family_name or told.family_name,
        date_of_birth=known.date_of_birth or told.date_of_birth,
    )


def differs(known: Identity, event: Event) -> bool:
    """Whether name and birth date are both known, both told, and both others.

    One alone is no sign: people marry, and clerks mistype. Dates are compared as far as both go.
    """
    told = identity_of(event)
    if not (known.family_name and known.date_of_birth and told.family_name and told.date_of_birth):
        return False
    length = min(len(known.date_of_birth), len(told.date_of_birth))
    same_birth = known.date_of_birth[:length] == told.date_of_birth[:length]
    return known.family_name != told.family_name and not same_birth


def _letters(name: str) -> str:
    letters = "".join(sign for sign in name.casefold() if sign.isalpha())
    return hashlib.sha256(letters.encode()).hexdigest()[:16] if letters else ""
