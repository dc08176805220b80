"""A published statement, or a rebuttal sheet, as a press officer sends it: a page of HTML, or a PDF.

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

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vault.answering import Answering
from vault.errors import Invalid
from vault.leaflets import Leaflet, leaflet
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording

_PACKAGE = files("vault")
_STYLE = _PACKAGE.joinpath("printed/leaflet.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
"""What the HTML page may load: nothing but its own style. It stands in the page; who serves it says the same."""
POLICY_WITH_PICTURES = f"{POLICY}; img-src data:"
"""The same where pictures are shown: they stand in the page itself."""

# What typst writes about itself: the dictionary of information, the packet of metadata, and what names the two.
_METADATA = (
    re.compile(rb"<</Creator\(Typst [^)]*\)>>"),
    re.compile(rb"(?<=stream\n)<\?xpacket begin=.*?<\?xpacket end=\"r\"\?>", re.DOTALL),
    re.compile(rb"/Metadata \d+ 0 R"),
    re.compile(rb"/Info \d+ 0 R/ID\[\([^)]*\)\([^)]*\)\]"),
)


def html(published: Mapping[str, Any], vocabulary: Vocabulary, wording: Wording) -> str:
    """The page as one self-contained file. Raises as `leaflet` does."""
    return _page("statement.html", leaflet(published, vocabulary, wording), POLICY)


def pdf(published: Mapping[str, Any], vocabulary: Vocabulary, wording: Wording) -> bytes:
    """The PDF, without metadata. Raises as `leaflet` does."""
    return _bare(_compiled("statement.typ", leaflet(published, vocabulary, wording)))


def rebuttal_html(made: Answering) -> str:
    """A rebuttal sheet as one self-contained file."""
    return _page("rebuttal.html", made, POLICY_WITH_PICTURES)


def rebuttal_pdf(made: Answering) -> bytes:
    """A rebuttal sheet as a PDF, without metadata."""
    return _bare(_compiled("rebuttal.typ", made))


def _page(template: str, made: Leaflet | Answering, policy: str) -> str:
    loader = PackageLoader("vault", "printed")
    known = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # The style sheet, and pictures that `drawn` made from numbers and a digest alone.
    known.filters["ours"] = Markup
    return known.get_template(template).render(it=made, style=_STYLE, policy=policy)


def _compiled(template: str, made: Leaflet | Answering) -> bytes:
    """The words travel as data: nothing in them can be taken for typst's own language."""
    import typst  # noqa: PLC0415 - 7 MB, in a process that draws no sheet

    with as_file(_PACKAGE) as package:
        return typst.compile(
            package / "printed" / template,
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
