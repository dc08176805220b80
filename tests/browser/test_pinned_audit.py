"""A custodian reads who did what in the pinned page: what Python sealed, verified and opened in a file from disk."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pinned import Open, Pinned
from tests.browser.travelling import PIN
from tests.browser.visit import PHONE, overflow
from tests.cast import (
    C1,
    C2,
    C3,
    CHAIN,
    CUSTODIANS,
    ROSTER,
    TODAY,
    VAULT,
    Person,
    identifier,
    next_epoch,
    signed_by,
)
from tests.stage import Scene
from vault import audit
from vault.errors import Tampered
from vault.rules.access import Role
from vault.sealing import audits
from vault.sealing.auditing import link_to_json
from vault.sealing.audits import Entry, Link
from vault.sealing.checkpoints import read_checkpoint, require_continued, sign_checkpoint
from vault.sealing.digests import Json, b64, digest
from vault.sealing.keypairs import CHEAPEST
from vault.sealing.members import open_key_file, seal_key_file, with_next_card
from vault.sealing.rosters import verify_chain
from vault.sealing.signatures import Signed

ROOT = Path(__file__).parents[2]
Act = tuple[str, str, dict[str, Json]]
CASE, OPENING = identifier("case"), identifier("opening")
ACTS: list[Act] = [
    ("V1", "case proposed", {"document": CASE}),
    ("C1", "case signed", {"document": CASE}),
    ("V2", "opening requested", {"opening": OPENING, "purpose": "identity", "record": identifier("record")}),
    ("C2", "opening decided", {"opening": OPENING, "decision": "refuse"}),
    ("", "sign-ins failed", {"at least": 10}),
    ("V2", "act refused", {"act": "custody decide", "error": "Refused"}),
    ("V1", "edition cut", {"case": CASE, "edition": 1}),
]
PUBLIC = {"C1": C1.secret.sealing.public}


def chained(
    acts: Sequence[Act] = ACTS, keys: Mapping[str, bytes] = PUBLIC, after: Sequence[Entry] = ()
) -> list[Entry]:
    """Entries as the server seals them."""
    made = list(after)
    for actor, act, about in acts:
        previous = made[-1].link if made else audits.START
        decision = digest("document", act.encode()) if act.endswith(("signed", "decided")) else None
        content = {"day": TODAY, "actor": actor, "act": act, "about": about}
        made.append(audits.seal((len(made) + 1, previous, decision), content, keys))
    return made


def links_of(entries: Sequence[Entry]) -> list[Link]:
    return [(entry.link, entry.commitment, entry.decision) for entry in entries]


def audit_file(made: Sequence[Entry], signed: Sequence[Signed] = (), **changed: Json) -> dict[str, Any]:
    """The file that C1's desk gives."""
    return {
        "format": "witness-vault/v1/audit-file",
        "vault": VAULT,
        "custodian": "C1",
        "links": [link_to_json(link) for link in links_of(made)],
        "entries": [
            {
                "position": entry.position,
                "body": b64(entry.body),
                "key": b64(entry.keys["C1"]) if "C1" in entry.keys else None,
            }
            for entry in made
        ],
        "checkpoints": list(signed),
        "rosters": list(CHAIN),
        **changed,
    }


def checkpoint(entries: Sequence[Entry], person: Person = C1) -> Signed:
    return sign_checkpoint(VAULT, links_of(entries), TODAY, (person.code, person.secret.signing))


def read(pinned: Pinned, file: Json, key_file: Json = None, person: Person = C1) -> None:
    """Choose the key file and the entries, and read them."""
    pinned.go("Read who did what")
    pinned.choose("Your key file", key_file or person.key_file)
    pinned.choose("The entries", file)
    pinned.fill("Its passphrase", person.passphrase)
    pinned.press("Open the entries")


def rows(pinned: Pinned) -> list[str]:
    """The lines of the table, each as one text."""
    pinned.at("Who did what")
    return [" ".join(text.split()) for text in pinned.page.locator("#entries-rows > tr").all_inner_texts()]


def table(pinned: Pinned) -> list[list[str]]:
    """Position, day and who of each line, the newest first."""
    pinned.at("Who did what")
    return [
        line.locator(":scope > *").all_inner_texts()[:3]
        for line in pinned.page.locator("#entries-rows > tr").all()
    ]


def left_behind(pinned: Pinned) -> str:
    """Everything in which a page could leave something."""
    return str(
        pinned.page.evaluate(
            """() => JSON.stringify([document.documentElement.outerHTML, document.title, location.href, history.state,
               {...localStorage}, {...sessionStorage}, document.cookie, window.name,
               [...document.querySelectorAll("input, textarea, select")].map((field) => field.value)])"""
        )
    )


# --- what is read ------------------------------------------------------------------------------------------------


def test_the_page_shows_what_python_reads(pinned: Pinned) -> None:
    entries = chained()
    bodies = [audits.read(entry, "C1", C1.secret.sealing) for entry in reversed(entries)]
    read(pinned, audit_file(entries))
    places = range(len(entries), 0, -1)
    assert table(pinned) == [
        [str(place), body["day"], body["actor"] or "nobody"]
        for place, body in zip(places, bodies, strict=True)
    ]
    shown = pinned.text()
    assert "The chain holds. Entries in it: 7." in shown
    for said in (
        "Decided on an opening",
        "Sign-ins failed",
        "at least 10",
        "decision refuse",
        "custody decide",
    ):
        assert said in shown
    assert verify_chain(CHAIN)[0].fingerprint in shown


def test_the_page_reads_the_file_that_the_vault_itself_gives(pinned: Pinned, scene: Scene) -> None:
    with scene.reading() as uow:
        given = audit.file(uow, "C1", Role.CUSTODIAN)
        entries = audit.entries(uow, Role.CUSTODIAN, 0)
    read(pinned, given)
    bodies = [audits.read(entry, "C1", C1.secret.sealing) for entry in reversed(entries)]
    assert [line[1:] for line in table(pinned)] == [[body["day"], body["actor"]] for body in bodies]
    assert pinned.page.locator("#entries-wrong > *").count() == 0


def test_ids_are_short_and_unfold(pinned: Pinned) -> None:
    read(pinned, audit_file(chained()))
    first = pinned.page.locator("#entries-rows details").first
    expect(first.get_by_title(CASE)).to_have_text(f"{CASE[:6]}…")
    assert CASE not in pinned.text()
    first.locator("summary").click()
    assert CASE in pinned.text()


def test_what_cannot_be_seen_is_spelled_out_and_cannot_reorder(pinned: Pinned) -> None:
    hostile = [("V\u202e1", "edition \u200bcut", {"case": "<b>S1</b>\u2067", "x": "سرمين"})]
    read(pinned, audit_file(chained(hostile)))
    (line,) = rows(pinned)
    for said in ("V\\u{202e}1", "\\u{200b}", "<b>S1</b>\\u{2067}", "سرمين"):
        assert said in line
    assert pinned.page.locator("#entries-rows b").count() == 0
    assert pinned.page.locator("#entries-rows bdi").count() >= 5


def test_entries_are_sifted_without_leaving_the_page(pinned: Pinned) -> None:
    read(pinned, audit_file(chained()))
    pinned.at("Who did what")
    assert pinned.page.get_by_label("Who", exact=True).locator("option").all_inner_texts() == [
        "Everybody",
        "C1 (1)",
        "C2 (1)",
        "nobody (1)",
        "V1 (2)",
        "V2 (2)",
    ]
    pinned.page.get_by_label("Who", exact=True).select_option(label="V2 (2)")
    assert [line[0] for line in table(pinned)] == ["6", "3"]
    pinned.page.get_by_label("What", exact=True).select_option(label="Was refused (1)")
    assert [line[0] for line in table(pinned)] == ["6"]
    expect(pinned.page.get_by_role("status")).to_have_text("Shown: 1 of 7 entries.")
    pinned.page.get_by_label("What", exact=True).select_option(label="Everything")
    pinned.page.get_by_label("Who", exact=True).select_option(label="nobody (1)")
    assert [line[0] for line in table(pinned)] == ["5"]


def test_nothing_is_left_once_the_entries_are_cleared(pinned: Pinned) -> None:
    read(pinned, audit_file(chained()))
    pinned.at("Who did what")
    assert OPENING in left_behind(pinned)
    pinned.press("I have read them: clear them")
    pinned.at("What are you here for?")
    left = left_behind(pinned)
    assert not any(text in left for text in (OPENING, CASE, C1.passphrase, "custody decide", TODAY))
    assert pinned.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert pinned.context.cookies() == []


def test_entries_go_when_the_page_is_left_while_they_are_being_opened(pinned: Pinned) -> None:
    pinned.page.evaluate(
        """() => new MutationObserver((_, watch) => {
             if (document.getElementById("says").textContent.startsWith("Opening the entries: 100")) {
               watch.disconnect();
               window.dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}));
             }
           }).observe(document.getElementById("says"), {childList: true})"""
    )
    read(pinned, audit_file(chained(ACTS * 20)))
    pinned.at("What are you here for?")
    expect(pinned.page.locator("#audit form")).not_to_have_attribute("aria-busy", "true")
    assert pinned.page.locator("#entries-rows > tr").count() == 0
    assert OPENING not in left_behind(pinned)


def test_who_signed_the_end_is_said(pinned: Pinned) -> None:
    entries = chained()
    signed = [checkpoint(entries[:4]), checkpoint(entries, C2), checkpoint(entries, Person("X9"))]
    read(pinned, audit_file(entries, signed), {**C1.key_file, "pin": PIN})
    pinned.at("Who did what")
    pinned.page.get_by_text("What was checked").click()
    shown, written = pinned.text(), f"{date.fromisoformat(TODAY):%-d %B %Y}"
    assert f"C1 signed entry 4 on {written}." in shown
    assert f"C2 signed entry 7 on {written}." in shown
    assert "Signatures of others, whom no roster here lists: 1." in shown
    assert "They continue what your file has seen before" in shown


def test_a_file_of_the_newest_entries_says_that_others_came_before(pinned: Pinned) -> None:
    entries = chained([("V1", "editions listed", {"case": "S1"})] * 505)
    file = audit_file(entries)
    read(pinned, {**file, "entries": file["entries"][5:]})
    pinned.at("Who did what")
    assert "Entries in it: 505. Shown are the newest (500)" in pinned.text()
    assert pinned.page.locator("#entries-rows > tr").count() == 200
    pinned.press("Show older entries")
    pinned.press("Show older entries")
    assert pinned.page.locator("#entries-rows > tr").count() == 500
    expect(pinned.page.get_by_role("button", name="Show older entries")).to_be_hidden()
    assert pinned.page.locator("#entries-wrong > *").count() == 0


def test_every_act_of_the_formats_is_said_in_plain_words() -> None:
    formats = (ROOT / "docs" / "FORMATS.md").read_text("utf-8")
    known = (ROOT / "web" / "pinned" / "acts.js").read_text("utf-8")
    acts = re.findall(r"`([a-z -]+)`", formats.partition("\nActs: ")[2].partition(" Deposits have none")[0])
    kinds = {act for act in acts if " " not in act}  # "and so for …"
    proposals = {f"{kind} {done}" for kind in kinds for done in ("proposed", "signed", "withdrawn")}
    wanted = {*acts, *proposals, "act refused", "more acts refused", "sign-ins failed"} - kinds
    assert len(wanted) > 20
    assert [act for act in sorted(wanted) if f'"{act}":' not in known] == []


# --- whose key ---------------------------------------------------------------------------------------------------


def test_entries_of_two_epochs_open_with_the_key_of_each(pinned: Pinned) -> None:
    later, renewed, longer = epoch()
    entries = chained(after=chained(), keys={"C1": later.newest.sealing.public})
    both = renewed
    read(pinned, audit_file(entries, rosters=longer), both)
    assert [line[2] for line in table(pinned)] == [
        actor or "nobody" for actor, _, _ in reversed([*ACTS, *ACTS])
    ]


def epoch() -> tuple[Any, dict[str, Any], list[Signed]]:
    """C1's keys and key file of the next epoch, and the rosters with it."""
    file, card = with_next_card(open_key_file(C1.key_file, C1.passphrase), C1.passphrase, CHEAPEST)
    held = open_key_file(file, C1.passphrase)
    document, _ = next_epoch(ROSTER)
    mine = {part: card["document"][part] for part in ("code", "sealing", "signing")}
    document["custodians"] = [mine, *document["custodians"][1:]]
    return held, file, [*CHAIN, signed_by(document, CUSTODIANS)]


def test_an_entry_of_an_epoch_whose_key_was_destroyed_says_so(pinned: Pinned) -> None:
    later, _, longer = epoch()
    entries = chained(after=chained(ACTS[:1]), acts=ACTS[1:], keys={"C1": later.newest.sealing.public})
    newest = seal_key_file([later.cards[-1]], [later.newest], None, (C1.passphrase, CHEAPEST))
    read(pinned, audit_file(entries, rosters=longer), newest)
    assert "Sealed to a key that your key file does not have" in rows(pinned)[-1]
    assert pinned.page.locator("#entries-wrong > *").count() == 0


def test_an_entry_from_before_ones_time_says_so(pinned: Pinned) -> None:
    newcomer = Person("C6")
    document, renewed = next_epoch(ROSTER, [*CUSTODIANS, newcomer])
    public = {"C6": renewed[-1].secret.sealing.public}
    entries = chained(ACTS[1:], public, after=chained(ACTS[:1]))
    held = [None if "C6" not in entry.keys else b64(entry.keys["C6"]) for entry in entries]
    file = audit_file(entries, custodian="C6", rosters=[*CHAIN, signed_by(document, [*CUSTODIANS, newcomer])])
    file["entries"] = [{**one, "key": key} for one, key in zip(file["entries"], held, strict=True)]
    read(pinned, file, renewed[-1].key_file, renewed[-1])
    lines = rows(pinned)
    assert lines[-1].startswith("1 Not sealed to you: you were not a custodian then")
    assert pinned.page.locator("#entries-wrong > *").count() == 0


# --- what does not hold ------------------------------------------------------------------------------------------


def at_place(file: dict[str, Any], position: int, **changes: Json) -> dict[str, Any]:
    """The file with the entry at this position changed."""
    entries = [{**one, **changes} if one["position"] == position else one for one in file["entries"]]
    return {**file, "entries": entries}


def entry_at(file: dict[str, Any], position: int) -> dict[str, Any]:
    return dict(file["entries"][position - 1])


@pytest.mark.parametrize(
    "kind", ["body swapped", "key swapped", "both swapped", "body spoilt", "key no b64", "key gone"]
)
def test_a_changed_or_swapped_entry_is_named_by_its_position(pinned: Pinned, kind: str) -> None:
    file = audit_file(chained())
    other, own = entry_at(file, 5), entry_at(file, 3)
    spoilt = own["body"][:-8] + ("AAAAAAAA" if not own["body"].endswith("AAAAAAAA") else "BBBBBBBB")
    changes: dict[str, dict[str, Json]] = {
        "body swapped": {"body": other["body"]},
        "key swapped": {"key": other["key"]},
        "both swapped": {"body": other["body"], "key": other["key"]},
        "body spoilt": {"body": spoilt},
        "key no b64": {"key": "?"},
        "key gone": {"key": None},
    }
    read(pinned, at_place(file, 3, **changes[kind]))
    lines = rows(pinned)
    assert (
        pinned.page.locator("#entries-wrong")
        .inner_text()
        .startswith("Entries that are changed, in the place of another, or missing: 3.")
    )
    assert "Changed, or in the place of another" in lines[4]
    assert sum("Changed" in line for line in lines) == 1


def test_a_body_that_was_sealed_anew_is_not_the_one_that_the_chain_commits_to(pinned: Pinned) -> None:
    entries = chained()
    forged = audits.seal(
        (3, entries[1].link, None), {"day": TODAY, "actor": "C9", "act": "edition cut", "about": {}}, PUBLIC
    )
    read(pinned, at_place(audit_file(entries), 3, body=b64(forged.body), key=b64(forged.keys["C1"])))
    assert "C9" not in " ".join(rows(pinned))
    assert "in the place of another, or missing: 3." in pinned.text()


def test_a_missing_entry_is_named_by_its_position(pinned: Pinned) -> None:
    file = audit_file(chained())
    read(pinned, {**file, "entries": [one for one in file["entries"] if one["position"] not in {1, 4}]})
    lines = rows(pinned)
    assert "Entries that are changed, in the place of another, or missing: 1, 4." in pinned.text()
    assert lines[3].startswith("4 Missing")
    assert lines[6].startswith("1 Missing")


@pytest.mark.parametrize("change", ["commitment", "decision", "removed", "swapped"])
def test_a_chain_that_was_changed_is_refused_where_python_refuses_it(pinned: Pinned, change: str) -> None:
    entries = chained()
    links = links_of(entries)
    if change == "removed":
        del links[3]
    elif change == "swapped":
        links[3], links[4] = links[4], links[3]
    else:
        link, commitment, decision = links[3]
        links[3] = (
            (link, bytes(32), decision) if change == "commitment" else (link, commitment, bytes(31) + b"\1")
        )
    with pytest.raises(Tampered) as refused:
        audits.chain(links)
    assert "entry 4" in refused.value.message
    read(pinned, audit_file(entries, links=[link_to_json(link) for link in links]))
    pinned.refused("The chain does not hold at entry 4")
    assert OPENING not in left_behind(pinned)


def test_a_chain_without_what_a_custodian_signed_is_refused(pinned: Pinned) -> None:
    entries = chained()
    signed = checkpoint(entries, C3)
    known = read_checkpoint(signed, [ROSTER])
    assert known is not None
    with pytest.raises(Tampered):
        require_continued(links_of(entries[:5]), known)
    read(pinned, audit_file(entries[:5], [signed]))
    pinned.refused("The newest entries are missing: C3 signed entry 7, and the last one here is 5")
    pinned.choose("The entries", audit_file(chained(), [signed]))
    pinned.fill("Its passphrase", C1.passphrase)
    pinned.press("Open the entries")
    pinned.refused("The chain was rewritten: entry 7 is not the one that C3 signed")


def test_a_checkpoint_in_anothers_name_is_refused(pinned: Pinned) -> None:
    entries = chained()
    forged = json.loads(json.dumps(checkpoint(entries, C2)))
    forged["document"]["position"] = 3
    read(pinned, audit_file(entries, [forged]))
    pinned.refused("A custodian's signature of the chain's end does not hold")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "witness-vault/v1/audit-chain"}, "This is not a file of entries"),
        ({"custodian": "C2"}, "This file is not for your key file"),
        ({"vault": identifier("other")}, "This file belongs to another vault"),
        ({"rosters": [CHAIN[1]]}, "The first of these rosters is not a founding roster"),
        ({"links": 5}, "This is not a chain of entries"),
        ({"entries": [{"position": 1}]}, "This is not a file of entries"),
        ({"more": 1}, "This is not a file of entries"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_is_not_an_audit_file_is_refused(
    pinned: Pinned, changes: dict[str, Json], sentence: str
) -> None:
    read(pinned, audit_file(chained(), **changes))
    pinned.refused(sentence)


def test_entries_out_of_their_order_or_twice_are_refused(pinned: Pinned) -> None:
    file = audit_file(chained())
    first, second, *others = file["entries"]
    read(pinned, {**file, "entries": [second, first, *others]})
    pinned.refused("Entry 1 does not stand in its place")
    for entries, named in (
        ([first, first, *others], "Entry 1"),
        ([*file["entries"], {**first, "position": 8}], "Entry 8"),
    ):
        pinned.choose("The entries", {**file, "entries": entries})
        pinned.fill("Its passphrase", C1.passphrase)
        pinned.press("Open the entries")
        pinned.refused(f"{named} does not stand in its place")


def test_rosters_older_than_those_the_key_file_has_seen_are_refused(pinned: Pinned) -> None:
    read(pinned, audit_file(chained(), rosters=[CHAIN[0]]), {**C1.key_file, "pin": PIN})
    pinned.refused("These rosters are older")


# --- many, and how it looks --------------------------------------------------------------------------------------


def test_five_thousand_entries_stay_usable(pinned: Pinned) -> None:
    links: list[Link] = [(audits.START, bytes(32), None)]
    for _ in range(4500):
        links.append((digest("audit-link", links[-1][0] + bytes(64)), bytes(32), None))
    made, content = (
        list[Entry](),
        {"day": TODAY, "actor": "V1", "act": "edition read", "about": {"edition": 1}},
    )
    for position in range(4501, 5001):
        previous = made[-1].link if made else links[-1][0]
        made.append(audits.seal((position, previous, None), content, PUBLIC))
    all_links = [*links[1:], *links_of(made)]
    assert audits.chain(all_links) == made[-1].link
    read(pinned, audit_file(made, links=[link_to_json(link) for link in all_links]))
    expect(pinned.page.get_by_role("status")).to_contain_text("Opening the entries")
    assert len(rows(pinned)) == 200
    assert "Entries in it: 5000. Shown are the newest (500)" in pinned.text()
    pinned.page.get_by_label("Who", exact=True).select_option(label="V1 (500)")
    expect(pinned.page.get_by_role("status")).to_have_text("Shown: 200 of 500 entries.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_table_fits_a_phone_and_stays_a_table(opened: Open, scheme: str) -> None:
    pinned = opened(viewport=PHONE, color_scheme=scheme)
    read(pinned, audit_file(chained()))
    assert len(rows(pinned)) == 7
    assert overflow(pinned.page) == 0
    pinned.page.locator("#entries-rows summary").first.click()
    assert overflow(pinned.page) == 0
    names = ["Entry", "Day", "Who", "What", "About"]
    assert [pinned.page.get_by_role("columnheader", name=name).count() for name in names] == [1] * 5
    assert pinned.page.get_by_role("row").count() == 8
    fields = "[...document.querySelectorAll('input, textarea, select')]"
    assert pinned.page.evaluate(f"{fields}.filter(({{labels}}) => !labels.length).map(({{id}}) => id)") == []
