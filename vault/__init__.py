"""Witness Vault: keeps testimony that nobody alone can trace, and counts what it corroborates."""
