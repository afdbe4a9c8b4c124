"""A lane: one partition of `lane-log` in the hands of one worker. Knows nothing of events (design 2.2)."""
