"""Prometheus' text format, as far as the workers use it, and what status makes of it."""

from broker.onebox.scrape import parse_samples
from broker.onebox.status import lane_figures

PAGE = """\
# HELP candour_lane_position Next offset of lane-log to decide.
# TYPE candour_lane_position gauge
candour_lane_position{lane="3"} 17.0
candour_lane_position{lane="11"} 2.0
candour_lane_books_difference{lane="3"} -1.0
candour_stage_seconds_bucket{stage="seal",le="+Inf"} 4.0 1700000000000
candour_decisions_total{desk_kind="a, \\"b\\"",outcome="denied"} 1e+03
candour_opa_up NaN
process_cpu_seconds_total 0.5
broken{ 1
"""


def test_every_sample_is_read_and_nothing_else() -> None:
    samples = list(parse_samples(PAGE))

    assert [sample.name for sample in samples] == [
        "candour_lane_position",
        "candour_lane_position",
        "candour_lane_books_difference",
        "candour_stage_seconds_bucket",
        "candour_decisions_total",
        "candour_opa_up",
        "process_cpu_seconds_total",
    ]
    assert samples[3].labels == {"stage": "seal", "le": "+Inf"}
    assert samples[4].labels["outcome"] == "denied"
    assert samples[4].value == 1000.0


def test_lanes_come_in_order_of_their_numbers_from_all_workers() -> None:
    figures = lane_figures(
        [list(parse_samples(PAGE)), list(parse_samples('candour_lane_lag_entries{lane="3"} 5'))]
    )

    assert list(figures) == ["3", "11"]
    assert figures["3"] == {"position": 17.0, "balance_difference": -1.0, "lag": 5.0}
