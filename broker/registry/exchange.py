"""What every worker reads at its start: who takes part, the language, the keys, the policies as data."""

from dataclasses import dataclass, field

from broker.registry.agreements import Agreements, load_agreements
from broker.registry.catalogue import Catalogue, load_catalogue
from broker.registry.keyring import KeyRing
from broker.registry.registry import Registry, read_registry
from broker.settings import Settings
from broker.wire.keys import VerifyKey

ROOT_PUBLIC = "root.pub"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange as its workers see it; read once."""

    settings: Settings
    registry: Registry
    catalogue: Catalogue
    policy: Agreements
    revision: str
    """policy revision of `policy`"""
    keyring: KeyRing = field(repr=False)


def read_exchange(settings: Settings) -> Exchange:
    """Read everything a worker needs from the exchange's folder.

    Raises:
        ConfigurationError: something is missing or malformed.
        IntegrityError: the registry is not signed by this exchange's root key.
    """
    root = VerifyKey.from_bytes((settings.folder / "broker" / ROOT_PUBLIC).read_bytes())
    revision = settings.current_revision()
    return Exchange(
        settings=settings,
        registry=read_registry(settings.folder, root),
        catalogue=load_catalogue(settings.schemas_folder),
        policy=load_agreements(settings.policy_folder / revision / "data.json"),
        revision=revision,
        keyring=KeyRing.load(settings.keys_folder),
    )
