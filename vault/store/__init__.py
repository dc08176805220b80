"""Rows only, in three databases that share nothing. The store cannot unseal."""
