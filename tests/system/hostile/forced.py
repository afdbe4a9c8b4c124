"""Makes an exchange that runs on policies the checker refuses: what an officer with the signing key could do.

The checker is passed by, the compiler, the rules and the exchange are the shipped ones.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.onebox.roots import BUNDLE_PRIVATE
from broker.policy import compile as compiler
from broker.policy.bundle import build_signed_bundle
from broker.policy.engine import find_opa
from broker.settings import shipped

HERE = Path(__file__).parent
AGREEMENTS = tuple(sorted(path.stem for path in (HERE / "agreements").glob("*.yaml")))
LABELS: Mapping[str, tuple[str, str]] = {
    "crisis.referral.accepted": ("frequent_caller", "R5"),
    "police.s136.conveyance": ("previous_detentions", "R6"),
    "crisis.self_referral.received": ("do_not_respond", "R7"),
}
"""Event type -> a field that no event may have, and the rule that says so"""


def hostile_policies(out: Path) -> Path:
    """The shipped policies with the hostile agreements among them, and who asks under those."""
    policies = Path(shutil.copytree(shipped("policies"), out / "policies"))
    for name in AGREEMENTS:
        terms = yaml.safe_load((HERE / "agreements" / f"{name}.yaml").read_text(encoding="utf-8"))
        terms["event_types"] = {one: everything_of(one) for one in terms["event_types"]}
        (policies / "agreements" / f"{name}.yaml").write_text(yaml.safe_dump(terms), encoding="utf-8")
    hostile = yaml.safe_load((HERE / "subscriptions.yaml").read_text(encoding="utf-8"))
    desks = {row["desk"] for row in hostile}
    rows = yaml.safe_load((policies / "subscriptions.yaml").read_text(encoding="utf-8"))
    kept = [row for row in rows if row["desk"] not in desks]
    (policies / "subscriptions.yaml").write_text(yaml.safe_dump([*kept, *hostile]), encoding="utf-8")
    return policies


def everything_of(event_type: str) -> list[str]:
    """Every field of an event type, what the exchange keeps to itself among them."""
    return list(_names(json.loads((shipped("schemas") / f"{event_type}.avsc").read_text(encoding="utf-8"))))


def _names(schema: Mapping[str, Any]) -> Iterator[str]:
    for one in schema["fields"]:
        parts = one["type"]["fields"] if one["name"] in {"subject", "core", "person"} else None
        yield from [one["name"]] if parts is None else (f"{one['name']}.{inner['name']}" for inner in parts)


def labelled_schemas(out: Path) -> Path:
    """The published language with a label, a count and an order to withhold in it."""
    schemas = Path(shutil.copytree(shipped("schemas"), out / "schemas"))
    for event_type, (name, _) in LABELS.items():
        path = schemas / f"{event_type}.avsc"
        path.write_text(json.dumps(labelled(event_type, name)), encoding="utf-8")
    return schemas


def labelled(event_type: str, name: str) -> dict[str, Any]:
    """The schema of one event type with one field more."""
    path = shipped("schemas") / f"{event_type}.avsc"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    (person,) = (one for one in schema["fields"] if one["name"] == "person")
    label = {"name": name, "type": ["null", "boolean"], "default": None, "class": "OP", "doc": "A label."}
    person["type"]["fields"].append(label)
    return schema


def force(folder: Path, policies: Path, schemas: Path, patch: pytest.MonkeyPatch) -> None:
    """Put these policies in force in an exchange that was made and not yet started; nothing checks them."""
    making = folder / "policy" / "forced"
    with patch.context() as unchecked:
        unchecked.setattr(compiler, "_reference_problems", lambda sources: [])
        built = build_signed_bundle(policies, schemas, find_opa(), folder / BUNDLE_PRIVATE, making)
    making.rename(folder / "policy" / built.revision)
    (folder / "policy" / "current").write_text(f"{built.revision}\n", encoding="ascii")
