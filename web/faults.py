"""Faults of ours: a log gets their kind and place, never their text, a path or a traceback."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gunicorn import glogging  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SORRY = "Something went wrong here; nothing was half done. Try again; if it stays, tell the operator.\n"


def tell(error: BaseException | None) -> None:
    """Print what kind of fault it is and where in the code."""
    place = None if error is None else error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" at {place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}"
    print(f"fault: {type(error).__name__}{where}", flush=True)


def last_resort(wsgi: WSGIApplication) -> WSGIApplication:
    """The application, with a plain answer to what escapes even its error pages."""

    def answer(environ: Any, start_response: Any) -> Any:
        try:
            return wsgi(environ, start_response)
        except Exception as error:
            tell(error)
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
            start_response("500 Internal Server Error", headers)
            return [_SORRY.encode()]

    return answer


class Logger(glogging.Logger):  # type: ignore[misc]
    """The server's own log, which would otherwise print the path and the traceback of what it stumbles over."""

    def exception(self, _message: str, *_args: Any, **_more: Any) -> None:
        tell(sys.exc_info()[1])
