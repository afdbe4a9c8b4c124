"""Bench: what an event costs through the whole exchange, beside plain echoes on the same Kafka."""
