"""The face of the vault: views parse, call one use case, and show what it returns."""
