"""The application factory: headers, error pages, who may reach what."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, Response, current_app, jsonify, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from config.settings import Settings, label_texts, load, vocabulary_texts, wording_texts
from vault import roster as rosters
from vault import sessions, shipped, shredding
from vault.errors import NotFound, SignInNeeded, TooLarge, VaultError
from vault.installation import Installation
from vault.rules.labels import Labels
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording
from vault.sealing import keypairs
from vault.store.unit_of_work import Store
from web import (
    access,
    audit,
    auth,
    bringing,
    case_proposals,
    cases,
    compression,
    consent_script,
    consents,
    countersigning,
    court,
    custody,
    dates,
    desk,
    editions,
    enrolment,
    evidence,
    evidence_api,
    evidence_files,
    evidence_item,
    exchange,
    exports,
    faults,
    findings,
    headers,
    inbox,
    interviews,
    language_choice,
    languages,
    locales,
    matching,
    openings,
    patterns,
    proposals,
    public,
    quotes,
    rebuttals,
    recoding,
    refusals,
    resharing,
    responses,
    retention,
    roster,
    scripts,
    sessionless,
    sources,
    statements,
    testimony,
    uploads,
    withdrawals,
)
from web.statuses import STATUSES

MOST_BYTES = 4 * 1024 * 1024
MOST_PARTS = 4000
_COSTS = {"member": keypairs.MEMBER, "cheapest": keypairs.CHEAPEST}


def create_app(settings: Settings | None = None) -> Flask:
    """The application for one vault. Raises when settings are unsafe or the cryptography is not post-quantum."""
    settings = settings or load()
    keypairs.require_post_quantum()
    app = _Application(__name__, static_url_path=shipped.address())
    app.secret_key = secrets.token_bytes(32)  # nothing is signed with it: there is no Flask session
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=MOST_PARTS,
        TRUSTED_HOSTS=list(settings.hosts),
    )
    app.jinja_env.lstrip_blocks = True  # indentation that only templates need does not travel
    app.json.compact, app.json.sort_keys = True, False  # type: ignore[attr-defined]
    app.extensions["vault"] = Installation(
        store=Store(dict(settings.databases), settings.shreds_key),
        vocabularies={name: Vocabulary.parse(text) for name, text in vocabulary_texts().items()},
        cost=_COSTS[settings.cost],
        cut_every_days=settings.cut_every_days,
        small_vault=settings.small_vault,
        public=settings.public,
        log_key=settings.log_key_file,
        files=settings.files_folder,
        journal=settings.journal_file,
    )
    app.extensions["labels"], app.extensions["wordings"] = _labels(), _wordings()
    auth.login_manager.init_app(app)
    locales.begin(app)
    scripts.begin(app)
    languages.begin(app)
    dates.begin(app)
    for module in (
        access,
        audit,
        auth,
        bringing,
        case_proposals,
        cases,
        consent_script,
        consents,
        countersigning,
        court,
        custody,
        desk,
        editions,
        enrolment,
        evidence,
        evidence_api,
        evidence_files,
        evidence_item,
        exchange,
        exports,
        findings,
        inbox,
        interviews,
        language_choice,
        matching,
        openings,
        patterns,
        proposals,
        public,
        quotes,
        rebuttals,
        recoding,
        resharing,
        responses,
        retention,
        roster,
        sources,
        statements,
        testimony,
        uploads,
        withdrawals,
    ):
        app.register_blueprint(module.bp)
    app.before_request(compression.whole)
    app.before_request(auth.guard)
    app.after_request(headers.seal)
    app.after_request(compression.squeeze)
    app.after_request(refusals.write_down)
    app.context_processor(_everywhere)
    app.register_error_handler(VaultError, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)
    app.wsgi_app = faults.last_resort(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.logger.disabled = True
    with suppress(VaultError):  # not before the databases are there
        sessions.sweep(app.extensions["vault"], datetime.now(UTC))
        shredding.resume(app.extensions["vault"].store)
    return app


class _Request(Request):
    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        """In memory, within the bounds of a request: what was brought by mistake, a key file, touches no disk."""
        return BytesIO()


class _Application(Flask):
    request_class = _Request
    session_interface = sessionless.NoSession()

    def log_exception(self, exc_info: Any) -> None:
        """Instead of the path and the traceback."""
        faults.tell(exc_info[1])


def _everywhere() -> dict[str, Any]:
    """What every page's frame shows."""
    words, warning = _roster_in_words()
    return {
        "actor": current_user.actor if current_user.is_authenticated else None,
        "csrf_field": auth.csrf_field,
        "vault_fingerprint": words,
        "roster_warning": warning,
        "languages": languages.languages(),
    }


@cache
def _labels() -> Mapping[str, Labels]:
    return {language: Labels.parse(text) for language, text in label_texts().items()}


@cache
def _wordings() -> Mapping[str, Wording]:
    return {language: Wording.parse(text) for language, text in wording_texts().items()}


def _roster_in_words() -> tuple[str, str]:
    """The vault's six words, and what to warn of; a page that tells of a fault must not fall over the same one."""
    try:
        with auth.vault().store.read() as uow:
            known = rosters.history(uow)
    except NotFound:
        return "", ""
    except VaultError as error:
        return "", locales.said(error)
    return known[0].fingerprint, locales.said(rosters.warning(known[-1], auth.today()) or "")


def _refusal(error: VaultError) -> AnyResponse:
    if isinstance(error, SignInNeeded) and request.method == "GET" and not request.path.startswith("/api/"):
        return redirect(url_for("auth.sign_in"), 303)
    refusals.keep(error)
    status, title, advice = STATUSES[type(error)]
    return _answer(status, gettext(title), locales.said(error), gettext(advice))


def _http_error(error: HTTPException) -> AnyResponse:
    if isinstance(error, SecurityError):  # under another host name no page has an address: none can be drawn
        plain = make_response("The vault is not served under this name: check the address.\n", 400)
        plain.mimetype = "text/plain"
        return plain
    if isinstance(error, RequestEntityTooLarge):
        return _refusal(TooLarge("That is more than the vault takes at once."))
    if error.code == 404:
        return _refusal(NotFound("There is no such page."))
    return _answer(
        error.code or 400,
        gettext("Not possible"),
        gettext("The vault does not understand this request."),
        gettext("Go back and try again."),
    )


def _failure(error: Exception) -> Response:
    faults.tell(error)
    return _answer(
        500,
        gettext("A fault of ours"),
        gettext("Something went wrong here; nothing was half done."),
        gettext("Try again; if it stays, tell the operator."),
    )


def _answer(status: int, title: str, sentence: str, advice: str) -> Response:
    if request.path.startswith("/api/"):
        return make_response(jsonify(error=sentence), status)
    # Drawn without what every other page shows: neither a database nor a user is needed to say what is wrong.
    page = current_app.jinja_env.get_template("error.html")
    return make_response(page.render(title=title, sentence=sentence, advice=advice), status)
