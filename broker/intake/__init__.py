"""Intake: is it genuine, and about whom? Appends entries to lanes. Only `agent.py` acts."""
