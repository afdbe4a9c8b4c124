"""A cluster's id is never taken for an option of the tool that formats the node."""

import base64

import pytest

from broker.onebox.kafka_node import cluster_id


@pytest.mark.parametrize("first", range(256))
def test_no_cluster_id_begins_with_a_hyphen(first: int) -> None:
    made = cluster_id(bytes([first]) + bytes(15))
    assert not made.startswith("-")
    assert len(base64.urlsafe_b64decode(made + "==")) == 16
