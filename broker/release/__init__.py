"""Release: who may know what of each event. Only `agent.py` acts; all else is a pure function of values."""
