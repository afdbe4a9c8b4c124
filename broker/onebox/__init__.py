"""The whole exchange on one machine: Kafka, OPA and the workers under a small supervisor (design 2.2, 3)."""
