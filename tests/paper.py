"""What a printed page consists of, and what a PDF says of itself."""

from __future__ import annotations

from html.parser import HTMLParser

_TRACES = (
    b"Creat",
    b"Producer",
    b"Author",
    b"ModDate",
    b"D:20",
    b"xmp",
    b"/Metadata ",
    b"/Info",
    b"/ID[",
    b"xpacket",
)


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.said += data


def traces(pdf: bytes) -> list[bytes]:
    """What a PDF says about who made it, with what, or when."""
    return [word for word in _TRACES if word in pdf] + [b"typst"] * (b"typst" in pdf.lower())
