"""Files of evidence as they leave: any part of them, noted in the item's chain before the first byte."""

from __future__ import annotations

import mimetypes
from itertools import chain

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from vault import custody
from vault.custody import Opened
from vault.rules.access import Permission
from web.auth import actor, allow, today, vault

bp = Blueprint("evidence_files", __name__)

# What a browser may show inside a page. Of anything else it could make a page of its own, or run what lies in it.
SHOWN = {
    "image": {"image/jpeg", "image/png", "image/webp", "image/gif"},
    "video": {"video/mp4", "video/webm", "video/ogg", "video/quicktime"},
    "audio": {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/flac"},
}
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; sandbox"


def shown_as(media: str) -> str | None:
    """As what a page shows a file of this type; None: it is only downloaded."""
    return next((kind for kind, known in SHOWN.items() if media in known), None)


@bp.get("/cases/<case>/evidence/<item>/files/<file>")
@allow(Permission.READ_EVIDENCE)
def show(case: str, item: str, file: str) -> Response:
    opened = custody.open_file(vault(), actor(), (case, item, file), today())
    return _part(opened, (item, "attachment" if shown_as(opened.file.media) is None else "inline"))


@bp.post("/cases/<case>/evidence/<item>/files/<file>")
@allow(Permission.READ_EVIDENCE)
def take(case: str, item: str, file: str) -> Response:
    opened = custody.open_file(vault(), actor(), (case, item, file), today())
    return _part(opened, (item, "attachment"))


@bp.get("/api/cases/<case>/evidence/<item>/files/<file>")
@allow(Permission.READ_EVIDENCE)
def api_show(case: str, item: str, file: str) -> Response:
    return take(case, item, file)


@bp.post("/api/cases/<case>/evidence/<item>/files/<file>/verify")
@allow(Permission.READ_EVIDENCE)
def api_verify(case: str, item: str, file: str) -> Response:
    found = custody.verify(vault(), actor(), (case, item, file), today())
    return jsonify(held=found.held, note=found.note)


def _part(opened: Opened, how: tuple[str, str]) -> Response:
    """All of a file, or the part that was asked for; its first piece is opened before anything is answered."""
    size = opened.file.size
    start, stop = _asked(size)
    pieces = opened.part(start, stop)
    first = next(pieces, b"")
    whole = (start, stop) == (0, size)
    # Where a later piece does not open the connection breaks off, and whoever asked notices that.
    answer = Response(chain((first,), pieces), 200 if whole else 206)
    item, disposition = how
    shown = disposition == "inline"
    answer.content_type = opened.file.media if shown else "application/octet-stream"
    answer.content_length = stop - start
    answer.accept_ranges = "bytes"
    if not whole:
        answer.content_range = ContentRange("bytes", start, stop, size)
    ending = mimetypes.guess_extension(opened.file.media) or ".bin"
    answer.headers.set("Content-Disposition", disposition, filename=f"evidence-{item}{ending}")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _asked(size: int) -> tuple[int, int]:
    """Which bytes a request is about; several parts at once are answered with the whole.

    Raises RequestedRangeNotSatisfiable, with how many there are.
    """
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) > 1:
        return 0, size
    found = asked.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(length=size)
    return found
