"""Bytes in, bytes out: every sealed, signed or hashed thing of docs/FORMATS.md. No database, no web."""
