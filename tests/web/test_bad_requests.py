"""Bad requests: too large, forged, misaddressed, malformed, or by a bad invitation. One sentence, no trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.cast import C1, V1, V2, Person, identifier, seed, signed_by
from tests.stage import Scene, invitations, later
from tests.visitor import ADDRESS, SESSION, Api, Visitor, sentences
from tests.web.desks import Act, Desk, Watch, refused
from vault.sealing.digests import b64, canonical
from vault.sealing.keypairs import KEY_FILE, SigningKey
from vault.sealing.members import request_card, wrap_member
from vault.store.testimony import InvitationRow

R9 = Person("R9", "researcher")
TOKEN = b64(seed("R9 invitation"))
PASSPHRASE = "seven herons crossed the cold canal"
FORGED = "This form does not come from your own session. Reload the page and send it again."
FOREIGN = "This form comes from another site. Open the vault yourself and send it again."
UNREADABLE = "This request is not one that the vault understands; update the client."
NO_HOST = "The vault is not served under this name: check the address."
TOO_MUCH = "That is more than the vault takes at once."
NO_PAGE = "There is no such page."
NO_CASE = "There is no such case for you."
UNSIGNED = "This document is not signed by whom it names."
USED = "This invitation has been used already. If it was not by you, tell a custodian at once."
TOO_LATE = "This invitation is past its last day: ask a custodian for a new one."
NO_INVITATION = "There is no such invitation: copy the whole link."
GUESSED = "This passphrase could be guessed: take the one that is offered, or at least four unrelated words."


def _post(**changes: str) -> Callable[[Desk], TestResponse]:
    return lambda desk: desk.post(**changes)


def _headers(**headers: str) -> Callable[[Desk], TestResponse]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda desk: desk.researcher.post(desk.path, desk.form(), headers=named)


def _raw(data: bytes, kind: str = "application/json") -> Callable[[Desk], TestResponse]:
    return lambda desk: desk.client.call("POST", "/api/sign-in", data=data, content_type=kind)


def _get(path: str) -> Callable[[Desk], TestResponse]:
    return lambda desk: desk.reviewer.get(path.format(case=desk.scene.case, incident=desk.scene.hospital))


def _host(host: str) -> Callable[[Desk], TestResponse]:
    return lambda desk: desk.researcher.get("/sign-in", headers={"Host": host})


def _cookie_alone(desk: Desk) -> TestResponse:
    """What another site could have a browser send: the cookie, and no form field."""
    client = Visitor(desk.app)
    client.cookie(SESSION, desk.researcher.token)
    path = f"/api/cases/{desk.scene.case}/drafts"
    return client.client.post(path, json={"incident": desk.scene.hospital}, base_url=ADDRESS)


def _long_draft(desk: Desk) -> TestResponse:
    path = f"/api/drafts/{desk.draft_id}/deposit"
    return desk.client.call("POST", path, desk.scene.interview(testimony="x" * 10_000_000))


def _many_parts(desk: Desk) -> TestResponse:
    fields = desk.form(csrf=desk.researcher.csrf, **{f"x{n}": "" for n in range(4_100)})
    return desk.researcher.post(desk.path, fields, content_type="multipart/form-data")


REQUESTS = [
    # --- sizes
    Act("ten megabytes in the form", _post(testimony="x" * 10_000_000), 413, TOO_MUCH),
    Act("ten megabytes at sign-in", _raw(b"[" + b"1," * 5_000_000), 413, TOO_MUCH),
    Act("ten megabytes of a draft", _long_draft, 413, TOO_MUCH),
    Act("four thousand parts", _many_parts, 413, TOO_MUCH),
    # --- whose request it is
    Act("no token in the form", _post(csrf=""), 403, FORGED),
    Act("another token in the form", _post(csrf=b64(bytes(32))), 403, FORGED),
    Act("a token that is not ASCII", _post(csrf="žluťoučký"), 403, FORGED),
    Act("a cookie alone", _cookie_alone, 403, FORGED),
    Act("another origin", _headers(Origin="https://evil.example"), 403, FOREIGN),
    Act("an origin that begins like ours", _headers(Origin="http://127.0.0.1.evil.example"), 403, FOREIGN),
    Act("the null origin", _headers(Origin="null"), 403, FOREIGN),
    Act("another site", _headers(Sec_Fetch_Site="cross-site"), 403, FOREIGN),
    Act("a neighbouring site", _headers(Sec_Fetch_Site="same-site"), 403, FOREIGN),
    Act("a foreign sign-in form", lambda desk: desk.stranger.post(
        "/sign-in", {"member": "R1"}, headers={"Origin": "https://evil.example"}), 403, FOREIGN),
    Act("a hostile host", _host("evil.example"), 400, NO_HOST),
    Act("a host that is none", _host("[::1"), 400, NO_HOST),
    # --- JSON
    Act("malformed JSON", _raw(b'{"member": '), 422, UNREADABLE),
    Act("JSON of another type", _raw(b'"R1"'), 422, UNREADABLE),
    Act("JSON without its members", _raw(b"{}"), 422, UNREADABLE),
    Act("JSON that is not UTF-8", _raw(b'{"member": "\xff"}'), 422, UNREADABLE),
    Act("JSON nested without end", _raw(b"[" * 200_000), 422, UNREADABLE),
    Act("JSON with an endless number", _raw(b'{"member": ' + b"9" * 9000 + b"}"), 422, UNREADABLE),
    Act("a form where JSON belongs", _raw(b"member=R1", "application/x-www-form-urlencoded"), 422, UNREADABLE),
    # --- addresses
    Act("no such page", _get("/nothing"), 404, NO_PAGE),
    Act("no such case", _get("/cases/AAAAAAAAAAAAAAAAAAAAAA"), 404, NO_CASE),
    Act("an address with a NUL", _get("/cases/%00"), 404, NO_CASE),
    Act("an address that is not UTF-8", _get("/cases/%ff%fe"), 404, NO_CASE),
    Act("an address of a megabyte", _get("/cases/" + "A" * 1_000_000), 404, NO_CASE),
    Act("an enormous edition", _get(f"/cases/{{case}}/editions/{'9' * 400}/{{incident}}"), 404, NO_PAGE),
    Act("no such edition", _get("/cases/{case}/editions/7/{incident}"), 404, "There is no such edition."),
    Act("no such incident", _get("/cases/{case}/editions/1/x"), 404, "There is no such incident in this case."),
    Act("no such testimony", lambda desk: _reader(desk).get(f"/cases/{desk.scene.case}/testimony/x"), 404,
        "There is no such testimony in this case."),
    Act("a testimony without its key", _get("/cases/{case}/testimony"), 403,
        "You do not hold every key that this needs in this case; the case's page says how to get it."),
]  # fmt: skip


def _reader(desk: Desk) -> Visitor:
    return Visitor(desk.app, V2)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.what)
def test_a_bad_request_is_refused_in_one_sentence_and_leaves_no_trace(
    desk: Desk, watch: Watch, case: Act
) -> None:
    refused(desk, watch, case)


def _enrol(**changes: str) -> Callable[[Desk], TestResponse]:
    fields = {"passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE, **changes}
    return lambda desk: desk.stranger.post(f"/enrol/{TOKEN}", fields)


def _hand_in(person: Person, **changes: object) -> Callable[[Desk], TestResponse]:
    """Somebody's client hands in this person's card by R9's invitation."""
    body = {"card": person.card, "wrapped": person.wrapped, **changes}
    return lambda desk: Api(desk.app).call("POST", f"/api/enrolments/{TOKEN}", body)


def _card_of(vault: str, code: str) -> str:
    return canonical(request_card(vault, code, SigningKey(seed("a request key")))).decode()


def _dear(person: Person) -> object:
    return wrap_member(person.secret, person.code, PASSPHRASE, person.device_key, KEY_FILE)


INVITED = [
    Act("passphrase too short", _enrol(passphrase="short", passphrase_again="short"), 422, GUESSED),
    Act("passphrase that all know", _enrol(passphrase="password1234", passphrase_again="password1234"), 422, GUESSED),
    Act("two passphrases", _enrol(passphrase_again="x"), 422, "The two passphrases differ: type the same one twice."),
    Act("request card that is none", _enrol(request_card="{}"), 422, "This is not a card of a custodian or member."),
    Act("request card that is no JSON", _enrol(request_card="card"), 422,
        "This is not a document that the vault can read: take another file, or the whole of its text."),
    Act("request card of another vault", _enrol(request_card=_card_of(identifier("x"), "R9")), 422,
        "This request card was made for another member or vault."),
    Act("card of another invitation", _hand_in(Person("R8", "researcher")), 422,
        "This card was made for another invitation."),
    Act("card that nobody signed", _hand_in(R9, card={"document": R9.card["document"], "signatures": []}), 409,
        UNSIGNED),
    Act("card for a better role", _hand_in(Person("R9", "reviewer")), 422,
        "This card was made for another invitation."),
    Act("keys wrapped dearer than the vault bears", _hand_in(R9, wrapped=_dear(R9)), 422,
        "These keys were not wrapped at the vault's cost; update the client."),
    Act("no invitation", lambda desk: desk.stranger.get("/enrol/x"), 404, NO_INVITATION),
    Act("an invitation of nobody", lambda desk: desk.stranger.get(f"/enrol/{b64(bytes(32))}"), 404, NO_INVITATION),
]  # fmt: skip


@pytest.mark.parametrize("case", INVITED, ids=lambda case: case.what)
def test_a_bad_enrolment_leaves_the_invitation_standing(scene: Scene, watch: Watch, case: Act) -> None:
    scene.carry(C1, invitations(scene.roster(), (R9,)))
    desk = Desk(scene)
    refused(desk, watch, case)
    assert desk.stranger.get(f"/enrol/{TOKEN}").status_code == 200


FOLLOWED: dict[str, Callable[[Desk], TestResponse]] = {
    "page": lambda desk: desk.stranger.get(f"/enrol/{TOKEN}"),
    "form": _enrol(),
    "asked by a client": lambda desk: Api(desk.app).call("GET", f"/api/enrolments/{TOKEN}"),
    "used by a client": _hand_in(R9),
}


@pytest.mark.parametrize("how", FOLLOWED)
def test_an_invitation_past_its_last_day_is_refused(scene: Scene, watch: Watch, how: str) -> None:
    scene.carry(C1, invitations(scene.roster(), (R9,)))
    with scene.writing() as uow:  # as if the day had come
        uow.testimony.execute(update(InvitationRow).values(expires=later(-1).isoformat()))
    refused(Desk(scene), watch, Act("expired", FOLLOWED[how], 410, TOO_LATE))


@pytest.mark.parametrize("how", FOLLOWED)
def test_an_invitation_serves_once(scene: Scene, watch: Watch, how: str) -> None:
    scene.carry(C1, invitations(scene.roster(), (R9,)))
    scene.enrol(R9)
    refused(Desk(scene), watch, Act("reused", FOLLOWED[how], 409, USED))


def test_a_later_invitation_replaces_an_unused_one_of_the_same_code(scene: Scene, watch: Watch) -> None:
    scene.carry(C1, invitations(scene.roster(), (R9,)))
    other = invitations(scene.roster(), (R9,))
    other["invitations"][0]["token"] = b64(seed("a later token"))
    scene.carry(C1, other)
    refused(Desk(scene), watch, Act("replaced", FOLLOWED["page"], 409, USED))


def test_a_redundant_signature_makes_no_card_of_another(scene: Scene, watch: Watch) -> None:
    """Two signatures are not better than one: the card is signed by the key that it presents, and nothing else."""
    scene.carry(C1, invitations(scene.roster(), (R9,)))
    card = signed_by(R9.card["document"], (C1, R9))
    refused(Desk(scene), watch, Act("", _hand_in(R9, card=card), 409, UNSIGNED))


@pytest.mark.both
def test_a_text_that_a_database_may_not_keep_is_refused_in_a_sentence(scene: Scene) -> None:
    """PostgreSQL takes no NUL."""
    reviewer, stranger = Visitor(scene.app(), V1), Visitor(scene.app())
    typed = {"member": "V1\0", "passphrase": V1.passphrase, "device_key": "\0"}
    for answer in (
        reviewer.get(f"/cases/{scene.case}/evidence/{'A' * 21}%00"),
        reviewer.get("/cases/%00"),
        stranger.post("/sign-in", typed),
    ):
        assert 400 <= answer.status_code < 500
        assert len(sentences(answer)) == 1
