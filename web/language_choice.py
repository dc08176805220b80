"""Choosing the language of the interface: kept by the browser, and by nobody else."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, request

from web.auth import allow, set_cookie
from web.locales import COOKIE, LANGUAGES

_YEAR = 366 * 24 * 3600  # seconds

bp = Blueprint("language_choice", __name__)


@bp.post("/language")
@allow(None)
def choose() -> Response:
    """Back to the page that was shown, in the language that was chosen."""
    try:
        shown = urlsplit(request.referrer or "/")
    except ValueError:  # no address at all, such as http://[
        shown = urlsplit("/")
    path = "/" + shown.path.lstrip("/\\")  # two slashes would lead to another server
    response = make_response(redirect(f"{path}?{shown.query}".rstrip("?"), 303))
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        set_cookie(response, COOKIE, wanted, max_age=_YEAR)
    return response
