"""Files of evidence as they leave: any part of them, noted in the item's chain before the first byte."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from flask import Blueprint, Response, jsonify, request
from flask_login import current_user
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from vault import custody, files, sessions
from vault.custody import Opened
from vault.errors import NotFound
from vault.installation import Installation
from vault.rules.access import Permission
from web.auth import actor, allow, today, vault
from web.evidence_words import shown_as

bp = Blueprint("evidence_files", __name__)

LOOK_EVERY = 16  # pieces: 4 MiB

_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; sandbox"


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


@bp.get("/cases/<case>/evidence/files/<file>/preview")
@allow(Permission.READ_EVIDENCE)
def preview(case: str, file: str) -> Response:
    with vault().store.read() as uow:
        picture = files.preview(vault(), uow, actor(), case, file)
    if not picture:
        raise NotFound("There is no small picture of this file.")
    return Response(picture, content_type="image/webp", headers={"Content-Security-Policy": _POLICY})


@bp.get("/api/cases/<case>/evidence/<item>/files/<file>")
@allow(Permission.READ_EVIDENCE)
def api_show(case: str, item: str, file: str) -> Response:
    opened = custody.open_file(vault(), actor(), (case, item, file), today())
    return _part(opened, (item, "attachment"))


@bp.post("/api/cases/<case>/evidence/<item>/files/<file>/verify")
@allow(Permission.READ_EVIDENCE)
def api_verify(case: str, item: str, file: str) -> Response:
    found = custody.verify(vault(), actor(), (case, item, file), today())
    return jsonify(held=found.held, note=found.note)


def _part(opened: Opened, how: tuple[str, str]) -> Response:
    """All of a file, or the part that was asked for; its first piece is opened before anything is answered."""
    size = opened.file.size
    start, stop = _asked(size)
    pieces = _while_signed_in(vault(), current_user.token, opened.part(start, stop))
    first = next(pieces, b"")
    whole = (start, stop) == (0, size)
    # Where a later piece does not open, or the session ends, the connection breaks off, and whoever asked notices that.
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


def _while_signed_in(installed: Installation, token: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, and no further one to whom keys were taken meanwhile; to read is to use the session."""
    for number, piece in enumerate(pieces):
        if number % LOOK_EVERY == LOOK_EVERY - 1:
            sessions.resume(installed, token, datetime.now(UTC))
        yield piece


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
