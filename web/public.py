"""What everybody may read, where the vault is set to: statements, the state of the log, the verifier.

Apart from the desks: no session is looked at, no cookie is set, answers may be kept by whoever carries them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, current_app, make_response, request
from flask_babel import force_locale

from vault import printing, publishing, statements
from vault.errors import NotFound
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording
from vault.statements import Published
from web.auth import allow, vault
from web.locales import LANGUAGES, language
from web.spoken import spoken

bp = Blueprint("public", __name__, url_prefix="/public")

KEPT = 300  # seconds: what is pulled must soon be gone everywhere


@bp.get("/")
@allow(None)
def index() -> Response:
    with _reading() as uow:
        known = statements.every(uow)
    return _kept(_page("public.html", known))


@bp.get("/<digest>")
@allow(None)
def show(digest: str) -> Response:
    """The page of a statement; one that was pulled says only that."""
    one, file = _find(digest)
    if one.pulled_by is not None:
        return _pulled()
    return _kept(
        make_response(printing.html(file, *_words(one))), f"{printing.POLICY}; frame-ancestors 'none'"
    )


@bp.get("/<digest>.json")
@allow(None)
def data(digest: str) -> Response:
    return _file(digest, "application/json", lambda file, _: publishing.to_bytes(file))


@bp.get("/<digest>.pdf")
@allow(None)
def paper(digest: str) -> Response:
    return _file(digest, "application/pdf", lambda file, one: printing.pdf(file, *_words(one)))


@bp.get("/verifier.py")
@allow(None)
def verifier() -> Response:
    """The program by which a stranger verifies, one file."""
    with _reading():
        content = files("vault").joinpath("verifier.py").read_bytes()
    return _kept(_typed(content, "text/x-python"))


@bp.get("/checkpoint")
@allow(None)
def checkpoint() -> Response:
    """The newest state of the log: whoever keeps two of them can tell whether it was forked."""
    with _reading() as uow:
        note = publishing.checkpoint(vault(), uow)
    return _kept(_typed(note.encode(), "text/plain"))


@contextmanager
def _reading() -> Iterator[Any]:
    """Nothing is here unless the vault is set to be public."""
    if not vault().public:
        raise NotFound("There is no such page.")
    with vault().store.read() as uow:
        yield uow


def _find(digest: str) -> tuple[Published, dict[str, Any]]:
    with _reading() as uow:
        one = publishing.find_published(uow, digest)
        return one, publishing.file_of(uow, one)


def _file(digest: str, kind: str, made: Callable[[dict[str, Any], Published], bytes]) -> Response:
    one, file = _find(digest)
    if one.pulled_by is not None:
        return _pulled()
    return _kept(_typed(made(file, one), kind))


def _pulled() -> Response:
    """Never the desks' page for what went wrong: that one would look at a session, and note who asked."""
    response = _page("public_pulled.html")
    response.status_code = 410
    return _kept(response)


def _page(template: str, known: Iterable[Published] = ()) -> Response:
    """A page in the language of its address, or else the visitor's: what carries it keeps one of each."""
    asked = request.args.get("language", "")
    with force_locale(asked if asked in LANGUAGES else language()):
        statements = [_summary(one) for one in known]
        page = current_app.jinja_env.get_template(template).render(statements=statements)
    response = make_response(page)
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _words(one: Published) -> tuple[Vocabulary, Wording]:
    """The vocabulary and the wording of the language that is asked for, English if there is no such."""
    wordings, labels = current_app.extensions["wordings"], current_app.extensions["labels"]
    wording = wordings.get(request.args.get("language"), wordings["en"])
    vocabulary = vault().vocabularies[one.statement.document["vocabulary"]]
    return (labels[wording.language].of(vocabulary) if wording.language in labels else vocabulary), wording


def _summary(one: Published) -> dict[str, Any]:
    document = one.statement.document
    vocabulary = vault().vocabularies[document["vocabulary"]]
    said = None if one.pulled_by is not None else spoken(document, vocabulary)
    return {
        "digest": one.statement.digest,
        "about": document["about"],
        "month": document["month"],
        "said": said,
    }


def _typed(content: bytes, kind: str) -> Response:
    response = make_response(content)
    response.mimetype = kind
    return response


def _kept(response: Response, policy: str = "") -> Response:
    """It may be kept for a while by whoever carries it."""
    response.headers["Cache-Control"] = f"public, max-age={KEPT}"
    if policy:
        response.headers["Content-Security-Policy"] = policy
    return response
