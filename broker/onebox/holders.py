"""Keys of those of whom two together act on what is in quarantine: made at creation, read for one holder."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from broker.errors import ConfigurationError
from broker.registry.registry import Holder
from broker.registry.signed import write_private
from broker.wire.keys import OpeningKey, SigningKey

HOLDERS = Path("governance") / "holders"
_SIGNING, _OPENING = "signing.key", "opening.key"


@dataclass(frozen=True, slots=True, repr=False)
class HolderKeys:
    """One holder's own private keys. In life they lie on that person's own machine and nowhere else."""

    name: str
    signing: SigningKey
    opening: OpeningKey


def generate_holders(folder: Path, names: Iterable[str]) -> dict[str, Holder]:
    """Makes and keeps each holder's keys, in a folder of their own each; returns the public halves."""
    holders: dict[str, Holder] = {}
    for name in names:
        signing, opening = SigningKey.generate(), OpeningKey.generate()
        write_private(folder / HOLDERS / name / _SIGNING, signing.to_bytes())
        write_private(folder / HOLDERS / name / _OPENING, opening.to_bytes())
        holders[name] = Holder(signing.verify_key, opening.sealing_key)
    return holders


def read_holder(folder: Path, name: str) -> HolderKeys:
    """One holder's keys.

    Args:
        folder: holds a folder of that holder's name with `signing.key` and `opening.key`.

    Raises:
        ConfigurationError: they are not there, or are no keys.
    """
    place = folder / name
    try:
        signing, opening = (place / _SIGNING).read_bytes(), (place / _OPENING).read_bytes()
    except OSError:
        raise ConfigurationError(
            f"{place} holds no keys of {name}. Give the folder that does with --keys."
        ) from None
    return HolderKeys(name, SigningKey.from_bytes(signing), OpeningKey.from_bytes(opening))
