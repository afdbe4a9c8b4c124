"""A made-up area: every agency's events of many days, drawn to published figures, and played."""
