"""Proof: programs that show what the exchange does, from outside, on a real one."""
