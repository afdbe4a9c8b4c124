"""Settings of the property tests, and one set of stages for all of them."""

import pytest
from hypothesis import HealthCheck, settings

from tests.property.stages import Stages

# The same cases each time: a test that fails for one must fail for all.
settings.register_profile(
    "candour", deadline=None, derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("candour")

TODAY = "2026-11-20"


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Stages of the shipped schemas and policies; their book remembers what other tests published."""
    return Stages.of_shipped(tmp_path_factory.mktemp("stages"), TODAY)
