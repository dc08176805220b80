"""A change of consent through the vault: what is sealed of it, and what it does to the next edition."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import forging
from tests.cast import R1, R2, V1, V2
from tests.forging import plant
from tests.readers import audited, coded, cut, gathered, told
from tests.stage import DAY, Scene, actor
from vault import consents, drafts, receipts
from vault.errors import Conflict, Refused
from vault.receipts import Receipt
from vault.rules.consent import Recipient, Use, permits
from vault.sealing.digests import witness_tag

HOW = "She told me at the well that she no longer wants it."


def change(scene: Scene, pseudonym: str, *uses: str, token: str = "", **said: Any) -> Receipt:
    """R2 hands in what a witness allows now."""
    raw = {**scene.interview(), "pseudonym": pseudonym, "testimony": HOW}
    raw |= {"consent": {"recording": bool(uses), "uses": list(uses)}, **said}
    return consents.deposit(scene.vault, actor(R2), scene.case, token or receipts.new_token(), raw)


def persons(scene: Scene) -> int:
    """How many would be counted now on the hospital."""
    return len(gathered(scene).resolved.persons(scene.hospital))


def test_the_coded_half_says_whose_and_what_and_nothing_of_how_or_when(scene: Scene) -> None:
    receipt = scene.deposit(R1, scene.said("heard"))
    facts = {**scene.interview()["interview"], "interpreter": "I 2"}
    change(scene, receipt.pseudonym, "verbatim", interview=facts)
    (body,) = (body for body in coded(scene) if "observations" not in body)
    assert body.keys() == {"format", "nonce", "witness", "consent"}
    assert body["witness"] == witness_tag(scene.case, receipt.pseudonym)
    assert body["consent"] == {"recording": True, "uses": ["verbatim"]}
    assert not [word for word in (receipt.pseudonym, "2015", "well") if word in json.dumps(body)]


def test_at_rest_it_fills_as_many_slots_as_an_interview_and_none_of_the_identities(scene: Scene) -> None:
    receipt = scene.deposit(R1, scene.said("heard"))
    before = scene.taken()
    change(scene, receipt.pseudonym)
    assert scene.taken() == {**before, "testimony": 2, "observations": 2}


def test_readers_see_how_it_was_said_and_what_is_allowed_now_of_each_interview(scene: Scene) -> None:
    first, other = (scene.deposit(R1, scene.said("heard")) for _ in range(2))
    again = scene.deposit(R1, scene.said("saw"), kind="follow-up", pseudonym=first.pseudonym)
    withdrawn = change(scene, first.pseudonym, "verbatim")
    seen = {one.half.digest: one for one in told(scene)[0]}
    assert seen[withdrawn.digest].half.body["testimony"] == HOW
    for receipt, allowed in ((first, False), (again, False), (other, True)):
        assert permits(seen[receipt.digest].allowed, Use.CORROBORATION) == allowed
        assert not seen[receipt.digest].superseded


def test_a_withdrawal_hides_the_figures_and_its_replacement_shows_them_again(scene: Scene) -> None:
    heard = [scene.deposit(R1, scene.said("heard")) for _ in range(4)]
    shown = cut(scene).incident(scene.hospital)
    withdrawn = change(scene, heard[0].pseudonym)
    hidden = cut(scene, 30)
    assert hidden.incident(scene.hospital)["status"] == "under-review"
    assert hidden.incident(scene.hospital)["claims"] is None
    assert set(hidden.document["set_aside"].values()) == {"none"}
    change(scene, heard[0].pseudonym, "corroboration", supersedes=withdrawn.digest)
    again = cut(scene, 60).incident(scene.hospital)
    assert (again["status"], again["claims"]) == ("carried", shown["claims"])


def test_what_is_refused_at_first_is_counted_once_a_change_names_the_interview(scene: Scene) -> None:
    receipt = scene.deposit(R1, scene.said("heard"), consent={"recording": True, "uses": []})
    change(scene, receipt.pseudonym, "corroboration")
    assert persons(scene) == 0
    change(scene, receipt.pseudonym, "corroboration", supersedes=receipt.digest)
    assert persons(scene) == 1


def test_with_a_wrong_receipt_it_is_set_aside_as_misdirected_and_refuses_all_the_same(scene: Scene) -> None:
    one, other = (scene.deposit(R1, scene.said("heard")) for _ in range(2))
    change(scene, one.pseudonym, supersedes=other.digest)
    assert persons(scene) == 1
    assert cut(scene).document["set_aside"]["misdirected"] == "fewer than 3"


def test_a_second_identical_attempt_is_one_deposit_and_another_one_a_conflict(scene: Scene) -> None:
    receipt, token = scene.deposit(R1, scene.said("heard")), receipts.new_token()
    first = change(scene, receipt.pseudonym, token=token)
    assert change(scene, receipt.pseudonym, token=token) == first
    with pytest.raises(Conflict, match="hand in another one"):
        change(scene, receipt.pseudonym, "verbatim", token=token)
    assert scene.taken()["observations"] == 2


def test_a_reviewer_changes_nobodys_consent(scene: Scene) -> None:
    raw = {**scene.interview(), "pseudonym": scene.deposit(R1, scene.said("heard")).pseudonym}
    with pytest.raises(Refused):
        consents.deposit(scene.vault, actor(V1), scene.case, receipts.new_token(), raw)


@pytest.mark.parametrize(
    "body",
    [
        {"witness": 1},
        {"consent": {"uses": []}},
        {"observations": []},
        {"together_with": []},
        {"match": "a record"},
    ],
    ids=repr,
)
def test_a_signed_change_that_is_not_whole_is_set_aside_and_stops_no_cut(
    scene: Scene, body: dict[str, Any]
) -> None:
    for _ in range(3):
        plant(scene, "observations", forging.observations(scene), R1)
    whole = {name: forging.observations(scene)[name] for name in ("format", "nonce", "witness", "consent")}
    plant(scene, "observations", whole, R1, kind="consent")
    plant(scene, "observations", {**whole, **body}, R1, kind="consent")
    edition = cut(scene)
    assert edition.incident(scene.hospital)["status"] == "counted"
    assert edition.document["set_aside"] == {
        "unsigned": "fewer than 3",
        "repeated": "none",
        "misdirected": "none",
    }


def test_the_command_lines_way_takes_it_as_any_deposit(scene: Scene) -> None:
    receipt = scene.deposit(R1, scene.said("heard"))
    raw = scene.interview(
        kind="consent", pseudonym=receipt.pseudonym, consent={"recording": False}, testimony=""
    )
    scene.hand_in(R2, scene.start(R2), raw)
    assert persons(scene) == 0
    with scene.reading() as uow:
        assert drafts.listing(uow, actor(R2)) == []


def narrowed(scene: Scene, one: Receipt, what: Use | Recipient, token: str = "") -> Receipt:
    """V2, who reads the words, hands in that a witness allows this no more."""
    record = next(read.record for read in told(scene)[0] if read.half.digest == one.digest)
    wish = (token or receipts.new_token(), what)
    return consents.narrow(scene.vault, actor(V2), (scene.case, record), wish, DAY)


def test_a_reader_takes_one_use_or_one_recipient_away_and_nothing_else(scene: Scene) -> None:
    allows = {
        "recording": True,
        "uses": ["corroboration", "legal"],
        "recipients": {"icc": "coded", "media": "none"},
    }
    first = scene.deposit(R1, scene.said("heard"), consent=allows)
    wide = {"recording": True, "uses": ["corroboration", "verbatim"]}
    other = scene.deposit(R1, scene.said("saw"), kind="follow-up", pseudonym=first.pseudonym, consent=wide)
    stranger = scene.deposit(R1, scene.said("heard"), consent=allows)
    token = receipts.new_token()
    assert narrowed(scene, first, Use.LEGAL, token) == narrowed(scene, first, Use.LEGAL, token)
    narrowed(scene, other, Recipient.MEDIA)
    seen = {one.half.digest: one.allowed for one in told(scene)[0]}
    assert seen[first.digest].uses == {"corroboration"}
    assert dict(seen[first.digest].recipients) == {Recipient.ICC: "coded"}
    assert seen[other.digest].uses == {"corroboration", "verbatim"}
    assert seen[stranger.digest].uses == {"corroboration", "legal"}
    assert persons(scene) == 2
    narrowed(scene, first, Use.CORROBORATION)
    assert persons(scene) == 1
    assert [entry["about"]["scope"] for entry in audited(scene) if entry["act"] == "testimony withdrawn"] == [
        "use",
        "recipient",
        "use",
    ]


def test_what_a_reader_signs_replaces_no_other_change(scene: Scene) -> None:
    told_once = scene.deposit(R1, scene.said("heard"), consent={"recording": True, "uses": []})
    tag = witness_tag(scene.case, told_once.pseudonym)
    wide: dict[str, Any] = {"format": "witness-vault/v1/observations", "nonce": "x", "witness": tag}
    wide["consent"] = {"recording": True, "uses": ["corroboration"]}
    plant(scene, "observations", wide, V2, kind="consent", supersedes=told_once.digest)
    assert persons(scene) == 0
    assert cut(scene).document["set_aside"]["unsigned"] == "fewer than 3"


def test_who_does_not_read_the_words_takes_nothing_away(scene: Scene) -> None:
    one = scene.deposit(R1, scene.said("heard"))
    with pytest.raises(Refused):
        consents.narrow(scene.vault, actor(V1), (scene.case, told(scene)[0][0].record), ("x", Use.LEGAL), DAY)
    tag = witness_tag(scene.case, one.pseudonym)
    refusing = {"format": "witness-vault/v1/observations", "nonce": "x", "witness": tag}
    plant(
        scene, "observations", {**refusing, "consent": {"recording": False, "uses": []}}, V1, kind="consent"
    )
    assert persons(scene) == 1
