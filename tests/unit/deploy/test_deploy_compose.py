"""docker-compose.yml names real images, commands and volumes, and sets Kafka and OPA as `candour up` does."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.cli.main import _parser
from broker.onebox import kafka_node, opa_process
from broker.onebox.record import StartOptions, new_record
from broker.onebox.tools import KAFKA_VERSION, OPA_VERSION
from broker.policy.bundle import SERVER_ENVIRONMENT, SERVER_FLAGS
from broker.settings import default_folder, parse_settings

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
VOLUMES = yaml.safe_load(COMPOSE.read_text())["volumes"]

OF_ONE_MACHINE = re.compile(
    r"listeners|quorum\.voters|log\.dirs|num\.(network|io|recovery)|log\.cleaner|retention\.check|broker\.(session|heartbeat)"
)
"""Addresses, folders and what only spares a small machine: these may differ"""


def kafka_settings() -> dict[str, str]:
    """Of the service, under the names of server.properties."""
    return {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in SERVICES["kafka"]["environment"].items()
        if name != "KAFKA_HEAP_OPTS"
    }


def onebox_settings(folder: Path) -> dict[str, str]:
    """Of the node that `candour up` starts."""
    kafka_node.write_config(folder, new_record(StartOptions()))
    lines = (folder / "kafka" / "config" / "server.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def arguments(service: str) -> Any:
    return _parser(SERVICES[service]["command"]).parse_args(SERVICES[service]["command"])


def test_it_runs_kafka_opa_and_the_broker() -> None:
    assert set(SERVICES) == {"kafka", "create", "opa", "broker"}


def test_every_image_is_pinned_and_of_the_version_that_setup_installs() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    for image in [*images.values(), *bases]:
        assert re.search(r":\d+\.\d+", image), image
    assert images["kafka"].endswith(f":{KAFKA_VERSION}")
    assert images["opa"] == bases[0] == f"openpolicyagent/opa:{OPA_VERSION}-static"
    assert f"/opa-{OPA_VERSION}/bin/opa" in DOCKERFILE


def test_kafka_has_every_setting_that_our_own_node_has(tmp_path: Path) -> None:
    ours = {
        name: value for name, value in onebox_settings(tmp_path).items() if not OF_ONE_MACHINE.search(name)
    }
    theirs = kafka_settings()
    assert {name: theirs.get(name) for name in ours} == ours
    assert set(ours) >= {
        "auto.create.topics.enable",
        "message.max.bytes",
        "offsets.retention.minutes",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    }
    # Not set on our own node either: each topic carries its own.
    assert theirs["log.message.timestamp.type"] == "CreateTime"


def test_kafka_keeps_its_data_in_the_volume() -> None:
    assert f"kafka:{kafka_settings()['log.dirs']}" in SERVICES["kafka"]["volumes"]


def test_every_volume_and_network_is_declared_and_no_port_is_open() -> None:
    for service in SERVICES.values():
        sources = [
            one["source"] if isinstance(one, dict) else one.split(":")[0] for one in service["volumes"]
        ]
        assert set(sources) <= set(VOLUMES)
        assert service["networks"] == ["exchange"]
        assert "ports" not in service
    assert yaml.safe_load(COMPOSE.read_text())["networks"] == {"exchange": {"internal": True}}


def test_the_commands_are_ours_and_agree_with_the_settings_in_the_environment() -> None:
    made, started = arguments("create"), arguments("broker")
    assert started.foreground
    environment = SERVICES["broker"]["environment"]
    document = {"version": 1, "lanes": made.lanes, "workers": 1, "bootstrap": "x", "opa_urls": ["http://x"]}
    settings = parse_settings(Path(), document, environment)
    assert (settings.bootstrap, settings.opa_urls) == (made.bootstrap, (made.opa_url,))
    assert SERVICES["broker"]["healthcheck"]["test"] == ["CMD", "candour", "status"]


def test_opa_runs_as_ours_does_and_sees_the_policy_alone() -> None:
    command = SERVICES["opa"]["command"]
    variables = dict(re.findall(r"(\w+)=(\S+)", re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE)[0]))
    folder = default_folder(variables)
    assert set(SERVER_FLAGS) <= set(command)
    assert SERVICES["opa"]["environment"] == SERVER_ENVIRONMENT
    assert f"--config-file={folder / opa_process.OPA_SETTINGS}" in command
    (mount,) = SERVICES["opa"]["volumes"]
    assert mount["target"] == str(folder / "policy")
    assert f"/data/{mount['volume']['subpath']}" == str(folder / "policy")
    assert mount["read_only"]
    assert SERVICES["broker"]["volumes"] == ["exchange:/data"]


def test_the_exchange_is_made_before_opa_and_both_and_kafka_are_there_before_the_broker() -> None:
    done, well = "service_completed_successfully", "service_healthy"
    wanted = {name: one["condition"] for name, one in SERVICES["broker"]["depends_on"].items()}
    assert wanted == {"create": done, "kafka": well, "opa": well}
    assert SERVICES["opa"]["depends_on"]["create"]["condition"] == done
    assert all("healthcheck" in SERVICES[name] for name in ("kafka", "opa", "broker"))


@pytest.mark.parametrize("path", re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE))
def test_what_the_image_copies_is_there_and_is_let_through(path: str) -> None:
    let_through = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().split()
    for one in path.split():
        assert (ROOT / one).exists()
        assert f"!{one}" in let_through


def test_docker_takes_the_file_where_it_has_compose() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        # The checks above hold all the same; docs/operations.md says so.
        return
    ran = subprocess.run(
        [docker, "compose", "--file", str(COMPOSE), "config", "--quiet"], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
