"""The signed list of who takes part with which public keys, the exchange's own keys, and what was agreed."""
