"""One OPA on loopback: its settings, its command line, whether it serves a revision."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from broker.onebox.ports import LOOPBACK
from broker.onebox.record import OPA, Record
from broker.onebox.roots import BUNDLE_PUBLIC
from broker.onebox.tools import Tools
from broker.policy.bundle import BUNDLE, SERVER_FLAGS, opa_config
from broker.registry.signed import write_private

OPA_SETTINGS = Path("policy") / "opa.json"
_LARGEST_ANSWER = 1024 * 1024


def write_config(folder: Path, revision: str) -> None:
    """Writes OPA's settings: the signed bundle of `revision` and the one key it may be signed with.

    They stand with what they name: an OPA that is not ours needs the folder `policy` and nothing else.
    """
    policy = folder / "policy"
    document = opa_config(policy / revision / "bundle.tar.gz", folder / BUNDLE_PUBLIC)
    write_private(folder / OPA_SETTINGS, json.dumps(document, indent=1).encode())


def command(folder: Path, tools: Tools, record: Record) -> list[str]:
    """What starts OPA. It says nothing of questions: they are codes, and its log is for its own trouble."""
    return [
        str(tools.opa),
        "run",
        "--server",
        f"--addr={LOOPBACK}:{record.ports[OPA]}",
        f"--config-file={folder / OPA_SETTINGS}",
        "--log-level=error",
        "--log-format=json",
        *SERVER_FLAGS,
        "--shutdown-grace-period=1",
    ]


def is_ready(url: str, timeout_s: float = 1.0) -> bool:
    """Whether OPA answers and has its bundle."""
    return _get(f"{url}/health?bundles=true", timeout_s) is not None


def revision_served(url: str, timeout_s: float = 1.0) -> str | None:
    """The revision of the bundle that OPA answers by; None when it does not answer or has none."""
    document = _get(f"{url}/v1/data/system/version?provenance=true", timeout_s) or {}
    bundles = document.get("provenance", {}).get("bundles", {})
    revision = bundles.get(BUNDLE, {}).get("revision")
    return revision if isinstance(revision, str) else None


def _get(url: str, timeout_s: float) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:  # noqa: S310 - an address from our own settings
            document = json.loads(answer.read(_LARGEST_ANSWER) or b"{}")
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return document if isinstance(document, dict) else None
