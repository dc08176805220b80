"""The seizure drill: everything of a vault is taken at once, and attacked in every way that is known to us."""
