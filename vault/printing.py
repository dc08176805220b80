"""A published statement as a press officer sends it: one page of HTML, or a PDF.

Both stand alone: no script, nothing from elsewhere, no word about who made them, with what, or when. The same file in
the same language gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import as_file, files
from typing import Any

import typst
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from vault.errors import Invalid
from vault.leaflets import Leaflet, leaflet
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording

_PACKAGE = files("vault")
_STYLE = _PACKAGE.joinpath("printed/statement.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
"""What the HTML page may load: nothing but its own style. It stands in the page; who serves it says the same."""

# What typst writes about itself: the dictionary of information, the packet of metadata, and what names the two.
_METADATA = (
    re.compile(rb"<</Creator\(Typst [^)]*\)>>"),
    re.compile(rb"(?<=stream\n)<\?xpacket begin=.*?<\?xpacket end=\"r\"\?>", re.DOTALL),
    re.compile(rb"/Metadata \d+ 0 R"),
    re.compile(rb"/Info \d+ 0 R/ID\[\([^)]*\)\([^)]*\)\]"),
)


def html(published: Mapping[str, Any], vocabulary: Vocabulary, wording: Wording) -> str:
    """The page as one self-contained file. Raises as `leaflet` does."""
    made = leaflet(published, vocabulary, wording)
    page = _environment().from_string(_PACKAGE.joinpath("printed/statement.html").read_text("utf-8"))
    return page.render(it=made, style=_STYLE, policy=POLICY)


def pdf(published: Mapping[str, Any], vocabulary: Vocabulary, wording: Wording) -> bytes:
    """The PDF, without metadata. Raises as `leaflet` does."""
    return _bare(_compiled(leaflet(published, vocabulary, wording)))


def _environment() -> Environment:
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["ours"] = (
        Markup  # the style sheet; pictures that `leaflets` drew from numbers and a digest alone
    )
    return made


def _compiled(made: Leaflet) -> bytes:
    """The words travel as data: nothing in them can be taken for typst's own language."""
    with as_file(_PACKAGE) as package:
        return typst.compile(
            package / "printed" / "statement.typ",
            font_paths=[package / "fonts"],
            ignore_system_fonts=True,
            sys_inputs={"leaflet": json.dumps(asdict(made), ensure_ascii=False)},
        )


def _bare(document: bytes) -> bytes:
    """A PDF in which metadata are blanks: as long as before, so that every place in it stays where its table says."""
    for written in _METADATA:
        document, found = written.subn(lambda match: _blank(match.group()), document)
        if found != 1:
            raise Invalid("The metadata of this PDF are not where they were expected: it is not given out.")
    return document


def _blank(written: bytes) -> bytes:
    if written.startswith(b"<<"):
        return b"<<" + b" " * (len(written) - 4) + b">>"
    return b" " * len(written)
