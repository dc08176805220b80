"""Pure decisions: no cryptography, no database, no web, no clock, no I/O."""
