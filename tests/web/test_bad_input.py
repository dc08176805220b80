"""Bad input at sign-in and in the long form: the right status, one clear sentence, nothing stored or logged."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cast import C1, OUTSIDER, R1, R2, Person, identifier, seed, signed_by
from tests.visitor import Api, Visitor
from tests.web.desks import KNOWN_PSEUDONYM, MISTYPED_PSEUDONYM, NAMES, Act, Desk, Watch, refused
from vault.sealing.digests import b64
from vault.sealing.words import spell_device_key

NOBODY = Person("R9", "researcher")
IMPOSTOR = Person("X1")
WRONG = "The code, the passphrase or the device key is not right. Check all three against your kit."
NO_CUSTODIAN = "This key file is not a custodian's of this vault, or the sign-in took too long: try again."
SEAL_AGAIN = "The custodians have changed since this page was opened: reload it and seal again."
ELSEWHERE = "The sealed record belongs elsewhere; reload the page and seal it again."
NOT_WHOLE = "The sealed record is not whole; reload the page and seal it again."
NO_RECORD = 'The draft: "sealed_identity" must be an escrow record, or null.'
GONE = "This draft is no longer here: it was deposited or discarded. Open a new one."
MISTYPED = "That pseudonym has a typing error: compare its four words with the receipt."
NO_CLAIM = 'There is no such claim in the vocabulary "air-strike" version 3.'
BOTH = 'For "Aircraft: present", a witness cannot have said that they saw it and did not see it; choose one.'
NUMBERS = 'For "Aircraft: how many", give a whole number from 1 to 100, or a range within it.'
HEIGHTS = 'For "Aircraft: how high", choose one of: very_low, low, usual, high, unusually_high, out_of_sight.'
USES = (
    "A use of consent must be one of internal, corroboration, aggregate, count_exact, detail, paraphrase, "
    "verbatim, audio_video, advocacy, legal, archive, or detail:<claim>."
)


def _post(**changes: Any) -> Callable[[Desk], TestResponse]:
    """R1 sends the long form."""
    return lambda desk: desk.post(**changes)


def _claim(subject: str, /, **fields: Any) -> Callable[[Desk], TestResponse]:
    """R1 sends the form with these fields of one claim."""

    def act(desk: Desk) -> TestResponse:
        prefix = desk.claim(subject)
        return desk.post(**{f"{prefix}-{name}": value for name, value in fields.items()})

    return act


def _of_another(act: str) -> Callable[[Desk], TestResponse]:
    """R2 knows the address of R1's draft, and sends a form there."""
    fields = {"act": act, "token": b64(seed("another token"))}
    return lambda desk: Visitor(desk.app, R2).post(desk.path, {**desk.form(csrf=None), **fields})


def _sign_in(person: Person = R1, **changes: str) -> Callable[[Desk], TestResponse]:
    return lambda desk: desk.stranger.sign_in(person, **changes)


def _custodian(person: Person, vault: str = "") -> Callable[[Desk], TestResponse]:
    return lambda desk: Api(desk.app).sign_in_custodian(person, vault or desk.scene.roster().vault)


def _same_code_other_keys(desk: Desk) -> TestResponse:
    nonce = Api(desk.app).call("POST", "/api/challenge").get_json()["nonce"]
    return _answer(desk, nonce, IMPOSTOR)


def _challenge_of_our_own(desk: Desk) -> TestResponse:
    return _answer(desk, b64(bytes(32)), C1)


def _answer(desk: Desk, nonce: str, signer: Person) -> TestResponse:
    about = {"vault": desk.scene.roster().vault, "code": "C1", "nonce": nonce}
    signed = signed_by({"format": "witness-vault/v1/challenge", **about}, [signer])
    signed["signatures"][0]["by"] = "C1"
    return Api(desk.app).call("POST", "/api/sign-in/custodian", signed)


def _sealed_under(**roster: Any) -> Callable[[Desk], TestResponse]:
    """R1 sends an identity that was sealed under another roster."""

    def act(desk: Desk) -> TestResponse:
        other = dataclasses.replace(desk.scene.roster(), **roster)
        return desk.post(sealed_identity=desk.sealed(roster=other))

    return act


def _altered(**members: Any) -> Callable[[Desk], TestResponse]:
    """R1 sends a sealed identity of which some members were changed."""
    return lambda desk: desk.post(sealed_identity=json.dumps({**json.loads(desk.sealed()), **members}))


def _four_custodians(desk: Desk) -> TestResponse:
    roster = desk.scene.roster()
    fewer = {code: roster.custodians[code] for code in roster.codes[:4]}
    return desk.post(sealed_identity=desk.sealed(roster=dataclasses.replace(roster, custodians=fewer)))


def _other_record(desk: Desk) -> TestResponse:
    other = dataclasses.replace(desk.draft(), token=seed("another draft"))
    return desk.post(sealed_identity=json.dumps(desk.scene.seal_identity(other, NAMES)))


def _nothing_said(desk: Desk) -> TestResponse:
    return desk.post(testimony=" ", **{f"{desk.claim('aircraft.present')}-perception": None})


ACTS = [
    # --- signing in
    Act("wrong passphrase", _sign_in(passphrase="not this one"), 401, WRONG),
    Act("wrong device key", _sign_in(device_key=spell_device_key(bytes(32))), 401, WRONG),
    Act("misspelled device key", _sign_in(device_key="ABCD-EFGH"), 401, WRONG),
    Act("no device key", _sign_in(device_key=""), 401, WRONG),
    Act("another's device key", _sign_in(device_key=spell_device_key(R2.device_key)), 401, WRONG),
    Act("unknown member", _sign_in(NOBODY), 401, WRONG),
    Act("no member", _sign_in(member=""), 401, WRONG),
    Act("key file of another vault", _custodian(OUTSIDER), 401, NO_CUSTODIAN),
    Act("signed for another vault", _custodian(C1, identifier("another vault")), 401, NO_CUSTODIAN),
    Act("same code, other keys", _same_code_other_keys, 401, NO_CUSTODIAN),
    Act("a challenge of one's own", _challenge_of_our_own, 401, NO_CUSTODIAN),
    # --- the identity
    Act("identity: no JSON", _post(sealed_identity="AAAA"), 422, NO_RECORD),
    Act("identity: a list", _post(sealed_identity="[]"), 422, NO_RECORD),
    Act("identity: nested without end", _post(sealed_identity="[" * 100_000), 422, NO_RECORD),
    Act("identity: empty", _post(sealed_identity="{}"), 422, NOT_WHOLE),
    Act("identity: in the clear", _post(sealed_identity='{"name": "Quillfeather"}'), 422, NOT_WHOLE),
    Act("identity: without shares", _altered(shares=[]), 422, NOT_WHOLE),
    Act("identity: shares of no shape", _altered(shares=[7, None]), 422, NOT_WHOLE),
    Act("identity: huge threshold", _altered(threshold=10**9), 422, NOT_WHOLE),
    Act("identity: of another purpose", _altered(purpose="case-key"), 422,
        "A sealed value does not have its proper length."),
    Act("identity: cut short", _altered(locked="AAAA"), 422, "A sealed value does not have its proper length."),
    Act("identity: another alphabet", _altered(locked="?"), 422,
        "A sealed value is not written as this vault writes it."),
    Act("identity: another epoch", _sealed_under(epoch=2), 409, SEAL_AGAIN),
    Act("identity: another threshold", _sealed_under(threshold=2), 409, SEAL_AGAIN),
    Act("identity: other custodians", _four_custodians, 409, SEAL_AGAIN),
    Act("identity: a roster to come", _sealed_under(version=99), 422, ELSEWHERE),
    Act("identity: another vault", _sealed_under(vault=identifier("another vault")), 422, ELSEWHERE),
    Act("identity: another record", _other_record, 422, ELSEWHERE),
    # --- the interview
    Act("no consent to a record", _post(**{"consent-recording": None}), 422,
        "The witness has not agreed to a record of this interview, so nothing was kept."),
    Act("unknown use", _post(**{"consent-uses": ["everything"]}), 422, USES),
    Act("unknown kind", _post(kind="rumour"), 422,
        'The draft: "kind" must be one of original, follow-up, correction, consent.'),
    Act("follow-up without pseudonym", _post(kind="follow-up"), 422,
        "A follow-up, a correction or a change of consent needs the pseudonym of the witness."),
    Act("mistyped pseudonym", _post(kind="follow-up", pseudonym=MISTYPED_PSEUDONYM), 422, MISTYPED),
    Act("a name for a pseudonym", _post(kind="follow-up", pseudonym="Balthazar Quillfeather"), 422,
        'The draft: "pseudonym" must be four lower-case words joined by hyphens.'),
    Act("correction without receipt", _post(kind="correction", pseudonym=KNOWN_PSEUDONYM, reason="x"), 422,
        "A correction needs the receipt digest of the deposit that it replaces, and a reason."),
    Act("malformed receipt", _post(kind="correction", pseudonym=KNOWN_PSEUDONYM, reason="x", supersedes="x"),
        422, 'The draft: "supersedes" must be the digest on the receipt, 43 characters.'),
    Act("nothing to hand in", _nothing_said, 422,
        "There is nothing to hand in: write the testimony, or code an observation."),
    Act("a day that never was", _post(date="2015-02-31"), 422,
        'The interview: "date" must be a day such as 2015-11-03.'),
    Act("no language", _post(language=""), 422,
        'The interview: "language" must be a short language code such as ar, en or ku-Latn.'),
    Act("names instead of pseudonyms", _post(together_with="Balthazar\r\nThornabout"), 422,
        'The interview: "together_with" must be a list of pseudonyms, each four words joined by hyphens.'),
    Act("testimony too long", _post(testimony="x" * 200_001), 422,
        'The draft: "testimony" must be text of at most 200,000 characters.'),
    Act("unknown claim", _claim("aircraft.present", subject="aircraft.colour"), 422, NO_CLAIM),
    Act("unknown perception", _claim("aircraft.present", perception=["dreamt"]), 422,
        'For "Aircraft: present": "perception" must be one of saw, heard, felt, smelled, attended, saw_aftermath, '
        "saw_on_recording, learnt_from_others, inferred, did_not_see, did_not_hear, did_not_perceive, unknown."),
    Act("contradictory perceptions", _claim("aircraft.present", perception=["saw", "did_not_see"]), 422, BOTH),
    Act("unknown modality", _claim("aircraft.present", modality="shouted"), 422,
        'For "Aircraft: present": "modality" must be one of affirmed, denied, uncertain, not_asked, '
        "not_able_to_say."),
    Act("value outside its range", _claim("aircraft.number", perception=["saw"], value="101"), 422, NUMBERS),
    Act("value that is no number", _claim("aircraft.number", perception=["saw"], value="two"), 422, NUMBERS),
    Act("range turned round", _claim("aircraft.number", perception=["saw"], value="5", value_to="2"), 422, NUMBERS),
    Act("an enormous number", _claim("aircraft.number", perception=["saw"], value="9" * 5000), 422, NUMBERS),
    Act("unknown code", _claim("aircraft.altitude", perception=["saw"], value="on the moon"), 422, HEIGHTS),
    # --- drafts
    Act("no such draft", lambda desk: desk.researcher.post(f"/drafts/{'A' * 22}", {"act": "deposit"}), 404, GONE),
    Act("somebody else's draft", _of_another("deposit"), 404, GONE),
    Act("somebody else's draft, saved over", _of_another("save"), 404,
        GONE.removesuffix(" Open a new one.")),
]  # fmt: skip


@pytest.mark.parametrize("case", ACTS, ids=lambda case: case.what)
def test_bad_input_is_refused_in_one_sentence_and_leaves_no_trace(
    desk: Desk, watch: Watch, case: Act
) -> None:
    refused(desk, watch, case)


def test_a_wrong_passphrase_and_an_unknown_member_get_the_same_answer(desk: Desk) -> None:
    api = Api(desk.app)
    known = api.sign_in(R1, passphrase="not this one")
    wrong_key = api.sign_in(R1, device_key="ABCD")
    unknown = api.sign_in(NOBODY)
    assert known.status_code == wrong_key.status_code == unknown.status_code == 401
    assert known.data == wrong_key.data == unknown.data
    pages = [desk.stranger.sign_in(person, passphrase="x").data for person in (R1, NOBODY)]
    assert pages[0].replace(b'value="R1"', b'value="R9"') == pages[1]


def test_the_table_covers_every_error_once(desk: Desk) -> None:
    """No two rows of the table are the same by mistake; the form that they change is itself accepted."""
    assert len({case.what for case in ACTS}) == len(ACTS)
    assert desk.post().status_code == 200
