"""Flask's own session, which there is none of: whose a request is, stands in a cookie of ours."""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class NoSession(SecureCookieSessionInterface):
    """There is no Flask session: no cookie is read for one or kept, and no answer varies by it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:  # noqa: ARG002
        return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing is put there."""
