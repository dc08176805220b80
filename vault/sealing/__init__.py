"""Bytes in, bytes out: every sealed, signed or hashed thing of docs/FORMATS.md. Knows no database and no web."""
