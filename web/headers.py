"""The headers of every answer: what may run in a page, who may frame it, that nothing of it is kept."""

from __future__ import annotations

from flask import Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send `Origin: null`, which the origin check needs
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    "Cache-Control": "no-store",
}
# Pages that say some of it themselves: public ones how long they may be kept, files and sheets what may run in them.
_APART = ("evidence_files", "public", "rebuttals")


def seal(response: Response) -> Response:
    """Set them, but for what a view of those apart has set itself."""
    views = (request.endpoint or "").partition(".")[0]
    for name, value in _HEADERS.items():
        if not (views in _APART and name in response.headers):
            response.headers[name] = value
    if views == "evidence_item":  # its page has a player
        response.headers["Content-Security-Policy"] = f"{POLICY}; media-src 'self'"
    if request.endpoint == "static" and response.status_code in (200, 304):
        response.headers["Cache-Control"] = (
            "no-cache"  # kept, but asked for each time: a served script must be today's
        )
    return response
