"""Files that travel by hand: taken from a form, pasted or chosen, and handed out under names that say nothing."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, make_response, request

from vault.errors import Invalid


def brought() -> str:
    """What was pasted into the form's field `text`, or the file that was chosen in `file`. Raises Invalid."""
    chosen = request.files.get("file")
    pasted = request.form.get("text", "").strip()
    if pasted:
        return pasted
    try:
        text = "" if chosen is None else chosen.read().decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise Invalid("This file is not text, and nothing of this vault. Choose another.") from None
    if not text:
        raise Invalid("Choose a file, or paste what it says.")
    return text


def handed_out(content: Any, name: str) -> Response:
    """JSON for the person's own device, to be kept as a file."""
    response = make_response(json.dumps(content, ensure_ascii=False) + "\n")
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response
