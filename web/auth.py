"""Signing in and out; who acts in a request, what they may do, and that the request is their own.

A session's token lives in a `__Host-` cookie (browsers) or in the Authorization header (the command line). There is
no server-side password, no remember-me, and no Flask session.
"""

from __future__ import annotations

import gc
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from typing import Any, cast

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user
from markupsafe import Markup

from vault import drafts, sessions, sweeping, uploads
from vault.errors import Invalid, Refused, SignInNeeded, Throttled, VaultError
from vault.installation import Installation
from vault.keyrings import Actor, draft_key
from vault.rules.access import Permission, require
from vault.sealing.digests import b64, digest
from vault.sessions import Former
from vault.store.unit_of_work import UnitOfWork
from web.locales import said

SESSION = "__Host-session"
DEVICE = "__Host-device-"
BEARER = "Bearer "
CSRF = "X-CSRF"  # of what is no form: another site can neither read the token nor send this header
_YEAR = 366 * 24 * 3600  # seconds
_SAFE = ("GET", "HEAD", "OPTIONS")

bp = Blueprint("auth", __name__)
login_manager = LoginManager()
login_manager.session_protection = None


class SignedIn(UserMixin):  # type: ignore[misc]
    """The actor of this request and the token by which it acts."""

    def __init__(self, actor: Actor, token: str, by_cookie: bool) -> None:
        self.actor, self.token, self.by_cookie = actor, token, by_cookie

    def get_id(self) -> str:
        return self.actor.code


def allow(permission: Permission | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare who may reach a view: holders of a permission, or everybody (None). Undeclared views are closed."""

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return declare


def guard() -> None:
    """Before every request: a declared view, a member who may, and a request that comes from our own page."""
    if request.endpoint is None or request.endpoint == "static":
        return
    view = current_app.view_functions[request.endpoint]
    if not hasattr(view, "permission"):
        raise Refused("This page is not open to anybody.")
    if view.permission is not None:
        require(actor().role, view.permission)
    if request.method not in _SAFE:
        _check_origin()
        if current_user.is_authenticated and current_user.by_cookie:
            check_csrf(current_user.token)


def actor() -> Actor:
    """Who acts. Raises SignInNeeded, or what kept the session from being read."""
    if not current_user.is_authenticated:
        raise g.get("unreadable") or SignInNeeded("Sign in first.")
    return cast(Actor, current_user.actor)


def vault() -> Installation:
    """The installation that this application serves."""
    return cast(Installation, current_app.extensions["vault"])


def now() -> datetime:
    """The one clock of a request."""
    return cast(datetime, g.setdefault("now", datetime.now(UTC)))


def today() -> date:
    """The day of a request."""
    return now().date()


@contextmanager
def desk(*databases: str) -> Iterator[tuple[UnitOfWork, Actor]]:
    """A unit of work (on all databases unless some are named) and who acts in it; the view commits."""
    with vault().store.work(*databases) as uow:
        yield uow, actor()


def csrf_token(token: str) -> str:
    """Derived from the session's token, which another site cannot read; it outlives the session's end on the server."""
    return b64(digest("csrf", token.encode("ascii", "replace")))


def csrf_field() -> Markup:
    """The hidden field that every unsafe form carries."""
    token = current_user.token if current_user.is_authenticated else ""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf_token(token))


def check_csrf(token: str) -> None:
    """Raises Refused unless the request carries the session's own token: in a header, or in a form's field."""
    given = request.headers.get(CSRF) or request.form.get("csrf", "")
    if not hmac.compare_digest(given.encode(), csrf_token(token).encode()):
        raise Refused("This form does not come from your own session. Reload the page and send it again.")


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load(_request: Any) -> SignedIn | None:
    """Flask-Login's question: whose request is this?"""
    header = request.headers.get("Authorization", "")
    by_cookie = not header.startswith(BEARER)
    token = request.cookies.get(SESSION, "") if by_cookie else header.removeprefix(BEARER)
    if not token:
        return None
    try:
        return SignedIn(sessions.resume(vault(), token, now()), token, by_cookie)
    except SignInNeeded:
        return None
    except VaultError as error:  # told where somebody acts, so that the page which tells it can be drawn
        g.unreadable = error
        return None


def former() -> Former:
    """Whose session it was that the browser still names though it has ended. Raises SignInNeeded."""
    found = None if "unreadable" in g else sessions.former(vault(), request.cookies.get(SESSION, ""), now())
    if found is None:
        raise g.get("unreadable") or SignInNeeded("Sign in first.")
    return found


@bp.get("/sign-in")
@allow(None)
def sign_in() -> str:
    known = any(name.startswith(DEVICE) for name in request.cookies)
    return render_template(
        "sign_in.html", form={}, ask_device_key=not known or "device" in request.args, error=None
    )


@bp.post("/sign-in")
@allow(None)
def sign_in_post() -> Response:
    code = request.form.get("member", "").strip().upper()
    typed = request.form.get("device_key", "").strip()
    device_key = typed or request.cookies.get(DEVICE + code, "")
    try:
        token = sessions.sign_in(vault(), code, request.form.get("passphrase", ""), device_key, now())
    except SignInNeeded as refusal:
        page = render_template(
            "sign_in.html", form={"member": code[:8]}, ask_device_key=True, error=said(refusal)
        )
        return make_response(page, 429 if isinstance(refusal, Throttled) else 401)
    response = make_response(redirect(url_for("desk.home"), 303))
    set_cookie(response, SESSION, token)
    if typed:
        remember_device(response, code, typed)
    return response


@bp.post("/sign-out")
@allow(None)
def sign_out() -> Response:
    """Open to all: the button must work when the session has ended, or when the store does not answer."""
    token, travels = request.cookies.get(SESSION, ""), "travel" in request.form
    check_csrf(token)
    with suppress(VaultError):
        if travels:
            _leave_no_trace()
        sessions.sign_out(vault(), token)
    gc.collect()  # pages are drawn from things that hold each other, keys among them: only this lets them go at once
    response = make_response(redirect(url_for("auth.sign_in"), 303))
    drop_cookie(response, SESSION)
    if travels:
        for name in request.cookies:
            if name.startswith("__Host-"):
                drop_cookie(response, name)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def _leave_no_trace() -> None:
    """Whoever holds another device of this member finds no session, no draft and no upload there either."""
    if current_user.is_authenticated:
        who = actor()
        code, key = who.code, None if who.secret is None else draft_key(who.secret)
    else:
        left = former()
        code, key = left.code, left.draft_key
    with vault().store.work("testimony", "shreds") as uow:
        sessions.end_sessions(uow, code)
        if key is not None:
            drafts.forget_all(uow, key)
            uploads.forget_all(uow, key)
        uow.commit()
    sweeping.sweep(vault(), today())


@bp.post("/renew")
@allow(Permission.SIGN_OUT)
def renew() -> Response:
    """Typing renews the session: the page says so now and then."""
    return make_response("", 204)


@bp.post("/api/sign-in")
@allow(None)
def api_sign_in() -> Response:
    typed = json_object("member", "passphrase", "device_key")
    member, passphrase, device_key = (str(typed[name]) for name in ("member", "passphrase", "device_key"))
    return jsonify(token=sessions.sign_in(vault(), member, passphrase, device_key, now()))


@bp.post("/api/challenge")
@allow(None)
def api_challenge() -> Response:
    return jsonify(nonce=sessions.challenge(vault(), now()))


@bp.post("/api/sign-in/custodian")
@allow(None)
def api_sign_in_custodian() -> Response:
    return jsonify(token=sessions.sign_in_custodian(vault(), json_object("document", "signatures"), now()))


@bp.post("/api/sign-out")
@allow(Permission.SIGN_OUT)
def api_sign_out() -> Response:
    sessions.sign_out(vault(), current_user.token)
    gc.collect()
    return make_response("", 204)


def json_object(*members: str) -> dict[str, Any]:
    """The request's JSON object, which must have these members. Raises Invalid."""
    try:
        raw = request.get_json(silent=True)
    except RecursionError:  # nested without end
        raw = None
    if not isinstance(raw, dict) or not set(members) <= set(raw):
        raise Invalid("This request is not one that the vault understands; update the client.")
    return raw


def set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """A cookie that only this host gets back, over TLS or on loopback, and no script can read."""
    response.set_cookie(name, value, max_age=max_age, secure=True, httponly=True, samesite="Strict", path="/")


def remember_device(response: Response, code: str, device_key: str) -> None:
    """Have this browser keep a member's device key."""
    set_cookie(response, DEVICE + code, device_key, max_age=_YEAR)


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget a cookie."""
    response.delete_cookie(name, secure=True, httponly=True, samesite="Strict", path="/")


def _check_origin() -> None:
    """Raises Refused when a browser says that another site sent this."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    if site not in ("same-origin", "none") or origin.partition("://")[2] != request.host:
        raise Refused("This form comes from another site. Open the vault yourself and send it again.")
