"""The policy engine at one address."""
