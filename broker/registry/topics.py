"""Names of the exchange's topics, and its own name in envelopes (design 2.1)."""

from broker.domain.identifiers import AgencyId, DeskId

BROKER = "candour"
"""sender and recipient name of the exchange itself"""

LANE_LOG = "lane-log"
LANE_STATE = "lane-state"
DECISIONS = "decisions"
SIGNALS = "signals"
QUARANTINE = "quarantine"

DESK_PARTITIONS = 4


def from_topic(agency: AgencyId) -> str:
    """The one topic this agency may write."""
    return f"from.{agency}"


def to_topic(desk: DeskId) -> str:
    """The one topic this desk may read: `to.<agency>.<role>`."""
    agency, _, role = desk.partition("/")
    return f"to.{agency}.{role}"
