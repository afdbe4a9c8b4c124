"""Explain: what was decided on one event, for which desk, why and under what, in plain words."""
