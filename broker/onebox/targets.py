"""run/targets.json: where a Prometheus on this machine finds the workers' figures (its file_sd format)."""

import json
from pathlib import Path

from broker.onebox.ports import LOOPBACK
from broker.onebox.record import Record
from broker.registry.signed import write_private

TARGETS_FILE = "targets.json"


def write_targets(run_folder: Path, record: Record) -> None:
    """Replaces the file in one step; at each start, as ports may change."""
    document = [
        {"targets": [f"{LOOPBACK}:{record.ports[name]}"], "labels": {"worker": name}}
        for name in record.worker_names()
    ]
    write_private(run_folder / TARGETS_FILE, json.dumps(document, indent=1).encode() + b"\n")
