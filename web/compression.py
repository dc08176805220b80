"""Pages, and the files that they load, travel compressed (gzip, RFC 1952) to whoever accepts it.

Nothing else does: sealed material and pictures would grow no smaller. What the length of a compressed page could tell
about a secret in it (BREACH) is hidden twice. No other site can make a request that carries the session's cookie, which
is SameSite=Strict; and each page is longer than it need be by a random number of bytes ("Heal the Breach").
"""

from __future__ import annotations

import gzip
import secrets
import struct
import zlib
from functools import lru_cache

from flask import Response, request

PADDING = 100  # bytes: at most so many are added to a page
_LOADED = ("static", "roster.custodians")
_NAMED = bytes.fromhex("1f8b0808 00000000 02ff")  # a gzip header that a file's name follows (RFC 1952, 2.3)
_BLOCKS = 6  # zlib's memLevel: smaller blocks than usual follow better how a form changes from part to part


def whole() -> None:
    """Files that pages load are given whole: a part would be put together with what came compressed."""
    if request.endpoint in _LOADED:
        request.environ.pop("HTTP_RANGE", None)


def squeeze(response: Response) -> Response:
    """Compress an answer that is a page, or a file which pages load, if the client accepts it."""
    page, loaded = response.mimetype == "text/html", request.endpoint in _LOADED
    if not (page or loaded):
        return response
    response.vary.add("Accept-Encoding")
    if loaded:
        for name in ("Accept-Ranges", "Content-Disposition", "Last-Modified"):  # it is known by its address
            response.headers.pop(name, None)
    if request.accept_encodings.quality("gzip") > 0:
        if response.status_code != 304:
            _pack(response, page)
        _weaken(response)
    return response


def _pack(response: Response, page: bool) -> None:
    response.direct_passthrough = False
    if content := response.get_data():
        response.set_data(_padded(content) if page else _once(content))
        response.content_encoding = "gzip"


def _padded(page: bytes) -> bytes:
    """With a file's name of random length in front, uncompressed, which whoever unpacks it passes over."""
    name = b"x" * secrets.randbelow(PADDING + 1)
    ending = struct.pack("<II", zlib.crc32(page), len(page))
    return _NAMED + name + b"\0" + _deflated(page) + ending


@lru_cache(maxsize=64)
def _once(content: bytes) -> bytes:
    """Kept by what it was made of: it is never another version's."""
    return gzip.compress(content, 9, mtime=0)


def _deflated(page: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, _BLOCKS)
    return packer.compress(page) + packer.flush()


def _weaken(response: Response) -> None:
    """Compressed or not, it means the same and is not the same bytes (RFC 9110, 8.8.1); a weak tag still gets a 304."""
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)
