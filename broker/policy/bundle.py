"""Builds and signs the bundle: the rules and the compiled agreements, under one revision and one key."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.errors import ConfigurationError
from broker.policy.compile import compile_policies
from broker.policy.engine import run_opa

BUNDLE = "candour"
KEY_ID = "candour"
AREA_NAME = "northmoor"
SIGNING_ALGORITHM = "ES256"
"""ECDSA over P-256: the engine knows no Ed25519"""

ROOTS = (
    "agreements",
    "candour",
    "class_table",
    "clocks",
    "columns",
    "desks",
    "effective_dates",
    "event_types",
    "format",
    "responders",
    "subscriptions",
    "system/authz",
)
"""Everything the bundle owns; the engine refuses a bundle that holds more"""

# What a rule may not call: the world outside, the clock, chance (house-style 3.1 habit 4).
_FORBIDDEN_BUILTINS = frozenset(
    {
        "http.send",
        "net.lookup_ip_addr",
        "opa.runtime",
        "rand.intn",
        "rego.parse_module",
        "time.now_ns",
        "trace",
        "uuid.rfc4122",
    }
)


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """What was built."""

    revision: str
    """`northmoor-` and the first 12 hexadecimal digits of SHA-256 over rules and data"""
    data_path: Path
    """data.json as workers read it"""
    bundle_path: Path
    """the signed archive"""


def build_signed_bundle(
    policies: Path, schemas: Path, opa: Path, private_key_pem: Path, out: Path
) -> BundleInfo:
    """Check, compile, build and sign; writes `data.json` and `bundle.tar.gz` into `out`.

    Args:
        policies: the policy folder; schemas: the folder of event schemas.
        opa: the engine's binary.
        private_key_pem: P-256 private key, PEM.
        out: folder to write into; made if it is not there.

    Raises:
        ConfigurationError: the policies have problems, or the engine refuses to build.
    """
    data = compile_policies(policies, schemas)
    rules = _rules(policies)
    encoded = _encoded(data)
    revision = _revision(rules, encoded)
    out.mkdir(parents=True, exist_ok=True)
    bundle_path = out / "bundle.tar.gz"
    with tempfile.TemporaryDirectory(prefix="candour-bundle-") as folder:
        _stage(Path(folder) / "content", rules, encoded)
        _sign(opa, Path(folder), revision, private_key_pem, bundle_path)
    data_path = out / "data.json"
    data_path.write_bytes(encoded)
    return BundleInfo(revision, data_path, bundle_path)


def stage_rules(policies: Path, data: Mapping[str, Any], folder: Path) -> None:
    """Lay out rules and compiled agreements as a bundle has them, unsigned: to ask at work, not to serve."""
    _stage(folder, _rules(policies), _encoded(data))


def _encoded(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _rules(policies: Path) -> dict[str, bytes]:
    """Every rule that goes to the engine: name in the bundle -> text. Tests and conventions stay here."""
    paths = [*(policies / "sharing").rglob("*.rego"), *(policies / "system").rglob("*.rego")]
    return {
        path.relative_to(policies).as_posix(): path.read_bytes()
        for path in sorted(paths)
        if not path.name.endswith("_test.rego")
    }


def _revision(rules: Mapping[str, bytes], data: bytes) -> str:
    digest = hashlib.sha256()
    for name, text in (*rules.items(), ("data.json", data)):
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(text).digest())
    return f"{AREA_NAME}-{digest.hexdigest()[:12]}"


def _stage(content: Path, rules: Mapping[str, bytes], data: bytes) -> None:
    for name, text in rules.items():
        path = content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    (content / "data.json").write_bytes(data)
    manifest = {"roots": list(ROOTS), "rego_version": 1}
    (content / ".manifest").write_text(json.dumps(manifest), encoding="utf-8")


def _sign(opa: Path, folder: Path, revision: str, private_key_pem: Path, bundle_path: Path) -> None:
    claims = folder / "claims.json"
    claims.write_text(json.dumps({"keyid": KEY_ID}), encoding="utf-8")
    capabilities = folder / "capabilities.json"
    capabilities.write_text(json.dumps(restricted_capabilities(opa)), encoding="utf-8")
    built = folder / "bundle.tar.gz"
    run = run_opa(
        opa,
        [
            "build",
            "--bundle",
            "content",
            "--revision",
            revision,
            "--capabilities",
            capabilities,
            "--signing-key",
            private_key_pem.resolve(),
            "--signing-alg",
            SIGNING_ALGORITHM,
            "--claims-file",
            claims,
            "--output",
            built,
        ],
        folder=folder,
    )
    if run.code != 0 or not built.is_file():
        raise ConfigurationError(
            f"the policy engine does not build the bundle; run candour policy check\n{run.errors.strip()}"
        )
    shutil.copyfile(built, bundle_path)


def restricted_capabilities(opa: Path) -> dict[str, Any]:
    """The engine's capabilities without the network, the clock and chance.

    Raises:
        ConfigurationError: the engine does not tell its capabilities.
    """
    run = run_opa(opa, ["capabilities", "--current"])
    try:
        capabilities: dict[str, Any] = json.loads(run.output)
        capabilities["builtins"] = [
            builtin for builtin in capabilities["builtins"] if builtin["name"] not in _FORBIDDEN_BUILTINS
        ]
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{opa} is no policy engine we know; install version 1.22.2") from None
    capabilities["allow_net"] = []
    return capabilities


def opa_config(bundle_path: Path, public_key_pem: Path, keyid: str = KEY_ID) -> dict[str, Any]:
    """Settings for an engine that serves this bundle and nothing else.

    Without the explicit key id an unsigned bundle would pass (GHSA-g2pf-6v5v-qcc8). No decision log, no
    status, no persistence: nothing about a question leaves the process.

    Args:
        bundle_path: the signed archive. public_key_pem: the key it must be signed with.
    """
    return {
        "bundles": {
            BUNDLE: {
                "resource": bundle_path.resolve().as_uri(),
                "persist": False,
                # A file does not change: the next revision gets an engine of its own.
                "polling": {"min_delay_seconds": 3600, "max_delay_seconds": 7200},
                "signing": {"keyid": keyid},
            }
        },
        "keys": {
            keyid: {
                "algorithm": SIGNING_ALGORITHM,
                "key": public_key_pem.read_text(encoding="ascii"),
            }
        },
    }


SERVER_FLAGS = (
    # `system.authz` in the bundle allows the question path and the health page only; until a bundle is
    # in force nothing is allowed at all.
    "--authorization=basic",
    "--optimize-store-for-read-speed",
    "--skip-version-check",
)
"""Flags of `opa run --server` beside address, settings and log level"""

SERVER_ENVIRONMENT = {"GOGC": "400"}
"""Rules make much short-lived garbage: a quarter more answers a second for some tens of megabytes"""
