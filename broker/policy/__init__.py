"""Policies: compile, check, build and sign. What an officer wrote becomes what the engine enforces."""
