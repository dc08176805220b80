"""The command line: `operator` runs the server and holds no member's key; the others are clients over HTTP."""
