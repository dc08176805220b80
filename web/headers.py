"""The headers of every answer: what may run in a page, who may frame it, that nothing of it is kept."""

from __future__ import annotations

from flask import Response, request

from web import scripts

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
# What a browser could give away of where somebody is, looks, sounds, types or pays, or do beside the page.
_DENIED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write"),
    *("compute-pressure", "display-capture", "encrypted-media", "gamepad", "geolocation", "gyroscope", "hid"),
    *(
        "identity-credentials-get",
        "idle-detection",
        "keyboard-map",
        "local-fonts",
        "magnetometer",
        "microphone",
    ),
    *("midi", "otp-credentials", "payment", "picture-in-picture", "publickey-credentials-create"),
    *(
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "storage-access",
        "usb",
        "window-management",
    ),
    "xr-spatial-tracking",
)
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_OF_PAGES = {
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send `Origin: null`, which the origin check needs
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _DENIED),
}
# What says some of it itself: public pages and custodians' keys how long they are kept, files and sheets what may run.
_APART = ("evidence_files", "public", "rebuttals", "roster")


def seal(response: Response) -> Response:
    """Set them, but for what a view of those apart has set itself."""
    views, page = (request.endpoint or "").partition(".")[0], response.mimetype == "text/html"
    loaded = views == "static" and response.status_code in (200, 304)
    wanted = _EVERYWHERE | {"Content-Security-Policy": _policy(views, page)}
    if page or not loaded:
        wanted |= _OF_PAGES
    if loaded:  # its address names its content
        wanted["Cache-Control"] = "public, max-age=31536000, immutable"
    for name, value in wanted.items():
        if not (views in _APART and name in response.headers):
            response.headers[name] = value
    return response


def _policy(views: str, page: bool) -> str:
    """What an answer may load and run: a page what its template has named, what is no page nothing."""
    if not page:
        return _NOTHING
    sources = {"static": {"script-src"}, "evidence_item": {"media-src"}}.get(views, set())
    return "; ".join([POLICY, *(f"{one} 'self'" for one in sorted(sources | scripts.sources()))])
