"""Settings: read once, checked whole, overridden only where tests need it."""

import json
from pathlib import Path
from typing import Any

import pytest

from broker.errors import ConfigurationError
from broker.settings import cache_folder, default_folder, load_settings, parse_settings, shipped

GOOD: dict[str, Any] = {
    "version": 1,
    "bootstrap": "127.0.0.1:9092",
    "opa_urls": ["http://127.0.0.1:8181/"],
    "lanes": 8,
    "workers": 2,
}


def parsed(**changes: Any) -> Any:
    return parse_settings(Path("/x"), {**GOOD, **changes}, {})


def test_what_is_not_said_has_the_value_the_design_gives_it() -> None:
    settings = parsed()

    assert (settings.lanes, settings.workers, settings.opa_urls) == (8, 2, ("http://127.0.0.1:8181",))
    assert (settings.session_timeout_s, settings.heartbeat_s, settings.hold_before_commit_ms) == (10, 1, 0)
    assert settings.max_batch == 256


def test_everything_that_is_wrong_is_said_at_once() -> None:
    document = {"version": 2, "bootstrap": "", "opa_urls": ["ftp://x"], "lanes": True, "workers": 0}

    with pytest.raises(ConfigurationError) as raised:
        parse_settings(Path("/x"), document, {})

    for name in ("version", "bootstrap", "opa_urls", "lanes", "workers"):
        assert f"{name} " in str(raised.value)


@pytest.mark.parametrize(
    "tuning", [{"max_batch": 0}, {"max_batch": "many"}, {"max_batch": 1.5}, {"max_bach": 5}, []]
)
def test_a_tuning_that_is_misspelt_or_out_of_range_is_refused(tuning: object) -> None:
    with pytest.raises(ConfigurationError, match="tuning"):
        parsed(tuning=tuning)


def test_the_environment_overrides_tuning_and_addresses_for_one_process_tree() -> None:
    environment = {
        "CANDOUR_HOLD_BEFORE_COMMIT_MS": "250",
        "CANDOUR_OPA_URLS": "http://127.0.0.1:1,http://127.0.0.1:2",
        "CANDOUR_BOOTSTRAP": "127.0.0.1:3",
    }

    settings = parse_settings(Path("/x"), {**GOOD, "tuning": {"hold_before_commit_ms": 1}}, environment)

    assert settings.hold_before_commit_ms == 250
    assert settings.opa_urls == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert settings.bootstrap == "127.0.0.1:3"


def test_client_settings_of_a_foreign_kafka_do_not_print() -> None:
    assert "s3cret" not in repr(parsed(kafka={"ssl.key.password": "s3cret"}))


def test_a_folder_without_an_exchange_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="candour up"):
        load_settings(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exchange.json").write_text(json.dumps(GOOD)[:-1])

    with pytest.raises(ConfigurationError, match="not JSON"):
        load_settings(tmp_path)


def test_folders_follow_the_xdg_variables() -> None:
    assert default_folder({"XDG_DATA_HOME": "/d"}) == Path("/d/candour/exchange")
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/candour")
    assert cache_folder({"XDG_CACHE_HOME": "/c", "CANDOUR_CACHE": "/own"}) == Path("/own")


def test_the_published_language_is_found_in_a_checkout() -> None:
    assert list(shipped("schemas").glob("*.avsc"))
