"""The commands: one file per group, each thin over a room of the broker."""
