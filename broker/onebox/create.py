"""Makes an exchange's folder, whole or not at all: keys, registry, signed policy, what each agency needs."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from broker.domain.identifiers import AgencyId, DeskId
from broker.errors import ConfigurationError, UsageError
from broker.onebox import kafka_node
from broker.onebox.access import generate_agency_keys, write_access
from broker.onebox.holders import generate_holders
from broker.onebox.record import Record, write_record
from broker.onebox.roots import BUNDLE_PRIVATE, generate_roots
from broker.onebox.tools import Tools
from broker.policy.bundle import build_signed_bundle
from broker.registry.keyring import KeyRing
from broker.registry.registry import DatedKey, area_faults, make_registry, write_registry
from broker.registry.signed import write_private
from broker.settings import EXCHANGE_FILE, shipped

_FOLDERS = ("agencies", "broker/keys", "governance", "kafka/data", "logs", "policy", "run")


def exists(folder: Path) -> bool:
    """Whether the folder holds an exchange.

    Raises:
        UsageError: it holds something else.
    """
    if (folder / EXCHANGE_FILE).is_file():
        return True
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} holds something that is not an exchange; choose another with --dir")
    return False


def create(folder: Path, record: Record, tools: Tools) -> None:
    """Makes a new exchange in `folder`, which does not exist or is empty. Everything 0700 and 0600.

    It is made beside its place and moved there when whole, so an interrupted creation leaves nothing.

    Raises:
        ConfigurationError: the policies or the area shipped with this version are not right.
        DependencyError: Kafka's data folder could not be formatted.
    """
    os.umask(0o077)
    making = folder.with_name(folder.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    for name in _FOLDERS:
        (making / name).mkdir(mode=0o700, parents=True)
    try:
        _fill(making, record, tools)
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _fill(folder: Path, record: Record, tools: Tools) -> None:
    # Each of the two is mostly a program of its own that takes about a second.
    with ThreadPoolExecutor(max_workers=2) as pool:
        root = generate_roots(folder)
        bundle = pool.submit(_build_policy, folder, tools)
        if record.own_kafka:
            kafka_node.write_config(folder, record)
            pool.submit(kafka_node.format_storage, folder, tools).result()
        keyring = KeyRing.generate(folder / "broker" / "keys")
        area = _area()
        agencies = sorted(AgencyId(name) for name in area["agencies"])
        desks = {
            name: [DeskId(f"{name}/{role}") for role in area["agencies"][name]["desks"]] for name in agencies
        }
        keys = {name: generate_agency_keys(folder / "agencies" / name, desks[name]) for name in agencies}
        registry = make_registry(
            area,
            {name: [DatedKey(keys[name].signing.verify_key)] for name in agencies},
            {desk: opening.sealing_key for own in keys.values() for desk, opening in own.opening.items()},
            generate_holders(folder, area.get("quarantine_holders", ())),
        )
        write_registry(folder, registry, root)
        bundle.result()
    write_record(folder, record)
    write_access(folder, record, registry, keyring)


def _build_policy(folder: Path, tools: Tools) -> None:
    making = folder / "policy" / "making"
    built = build_signed_bundle(
        policies=shipped("policies"),
        schemas=shipped("schemas"),
        opa=tools.opa,
        private_key_pem=folder / BUNDLE_PRIVATE,
        out=making,
    )
    making.rename(folder / "policy" / built.revision)
    write_private(folder / "policy" / "current", f"{built.revision}\n".encode())


def _area() -> dict[str, Any]:
    path = shipped("policies") / "area.yaml"
    try:
        area = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        raise ConfigurationError(f"{path} cannot be read") from None
    faults = area_faults(area) if isinstance(area, dict) else ["must hold places and agencies"]
    if faults:
        raise ConfigurationError(f"{path}: " + "; ".join(faults))
    return dict(area)
