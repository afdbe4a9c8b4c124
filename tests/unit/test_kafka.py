"""Faust is refused where it would lose entries."""

import faust.streams
import pytest

from broker import kafka
from broker.errors import ConfigurationError
from broker.settings import Settings, parse_settings


def settings(tmp_path) -> Settings:  # type: ignore[no-untyped-def]
    document = {
        "version": 1,
        "bootstrap": "127.0.0.1:1",
        "opa_urls": ["http://127.0.0.1:1"],
        "lanes": 1,
        "workers": 1,
    }
    return parse_settings(tmp_path, document, {})


def test_faust_without_its_compiled_iterator_is_refused(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faust.streams, "_CStreamIterator", None)
    with pytest.raises(ConfigurationError, match="compiled iterator"):
        kafka.intake_app(settings(tmp_path), 0, kafka.Turn())
