"""What the pages and the clients of evidence both do: write an entry, take a file that came with a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from vault import evidence, releases, uploads
from vault.rules.items import Act
from vault.uploads import Facts, Upload
from web.auth import actor, desk, today, vault


def record(place: tuple[str, str], act: Act, raw: Mapping[str, Any]) -> str | None:
    """Go on with the chain of an item of a case, by any act; by what the entry is called, but for a decision.

    Raises as the use cases do.
    """
    if act is Act.FILE:
        return evidence.add_file(vault(), actor(), (*place, raw), today())
    name = None
    with desk() as (uow, who):
        if act is Act.RELEASE:
            name = releases.propose(vault(), uow, who, (*place, raw), today())
        elif act is Act.DECISION:
            releases.decide(vault(), uow, who, (*place, raw), today())
        else:
            name = evidence.act(vault(), uow, who, (*place, act, raw), today())
        uow.commit()
    return name


def brought(case: str, item: str | None) -> Upload | None:
    """The file that a form brought along, where no script sent it piece by piece, as an upload of this item."""
    chosen = request.files.get("upload-file")
    if chosen is None or not chosen.filename:
        return None
    content = chosen.read()
    facts = Facts.of(content, chosen.mimetype, item)
    return uploads.whole(vault(), actor(), case, (facts, content), today())
