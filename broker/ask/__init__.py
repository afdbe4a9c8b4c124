"""Asks the policy engine, believes only what is said in full, and remembers it."""
