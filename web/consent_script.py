"""What is said to a witness before anything is asked, on one page: to read aloud, or to print."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.auth import allow
from web.locales import LANGUAGES, language

bp = Blueprint("consent_script", __name__)

_RIGHT_TO_LEFT = ("ar",)


@bp.get("/consent-script")
@allow(None)
def show() -> str:
    """The same for everybody, and about nobody."""
    lang = request.args.get("lang", "")
    lang = lang if lang in LANGUAGES else language()
    way = "rtl" if lang in _RIGHT_TO_LEFT else "ltr"
    return render_template("consent_script.html", lang=lang, dir=way, languages=LANGUAGES)
