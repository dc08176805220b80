"""The pinned page, opened from disk: it and Python open what the other made, and it keeps nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pinned import Open, Pinned
from tests.browser.travelling import (
    ESCROW,
    IDENTITY,
    LAST,
    OPENING_CODE,
    PIN,
    REASON,
    approve,
    founded_case,
    member_file,
    opening_file,
    packet_file,
    redemption_file,
    request,
    roster_file,
)
from tests.browser.visit import PHONE, overflow
from tests.cast import (
    C1,
    C2,
    C3,
    C4,
    C5,
    CHAIN,
    MEMBERS,
    ROSTER,
    TODAY,
    V2,
    VAULT,
    Person,
    following,
    signed_by,
)
from vault.errors import Refused
from vault.opening import Days, ask, combine
from vault.sealing import boxes, casefiles, rosters
from vault.sealing.digests import b64, canonical, parse_object, unb64, unpad
from vault.sealing.escrows import fingerprint
from vault.sealing.grants import open_grant
from vault.sealing.keypairs import KEY_FILE, SealingKey
from vault.sealing.locks import unlock
from vault.sealing.members import (
    card_fingerprint,
    open_key_file,
    read_card,
    seal_key_file,
    unwrap_request_key,
)
from vault.sealing.signatures import Signed
from vault.sealing.terms import check_terms
from vault.sealing.words import OPENING_CODE_WORDS, opening_key, word_list


def read_request(pinned: Pinned, person: Person, file: Any, key_file: Any = None) -> None:
    """Choose the key file and the request, and read it."""
    pinned.go("Read a request")
    pinned.choose("Your key file", key_file or person.key_file)
    pinned.choose("The request", file)
    pinned.fill("Its passphrase", person.passphrase)
    pinned.press("Read the request")


def decide_in_page(pinned: Pinned, terms: Signed, refusal: str | None = None, **packet: Any) -> Signed:
    """C1 decides in the page."""
    read_request(pinned, C1, packet_file(C1, terms, **packet))
    pinned.at("What is asked of you")
    if refusal is None:
        pinned.check("I approve")
        pinned.check("I compared")
    else:
        pinned.check("I refuse")
        pinned.fill("Why you refuse", refusal)
    pinned.press("Go on")
    pinned.at("Is this your decision?")
    pinned.press("Hand over my share" if refusal is None else "Refuse")
    pinned.at("Your decision is signed")
    return dict(pinned.saved("decision.json"))


def combine_in_page(pinned: Pinned, kept: Any, handed: Any, code: str = OPENING_CODE, pin: Any = PIN) -> None:
    """The requester brings what was handed over."""
    pinned.go("Open what was handed over")
    pinned.choose("Your opening file", kept)
    pinned.choose("The file of your request key", member_file(pin=pin))
    pinned.choose("What the custodians handed over", handed)
    pinned.fill("The opening code", code)
    pinned.press("Go on")


def ask_in_page(pinned: Pinned, escrow: Any = ESCROW, purpose: str = "The identity of one witness") -> None:
    """V2 fills in a request."""
    pinned.go("Prepare a request")
    pinned.choose("The file of your request key", member_file())
    pinned.fill("Its passphrase", V2.passphrase)
    pinned.choose("The vault's rosters", roster_file())
    pinned.check(purpose)
    pinned.fill("Its record", f"{escrow['record']}.{fingerprint(escrow)}")
    pinned.fill("Why, for the custodians", REASON)
    pinned.press("Go on")


# --- a custodian -------------------------------------------------------------------------------------------------


def test_what_is_approved_in_the_page_opens_with_two_approvals_of_the_command_line(pinned: Pinned) -> None:
    terms, key = request()
    decision = decide_in_page(pinned, terms)
    others = [approve(person, terms) for person in (C3, C4)]
    assert combine(terms["document"], key, ESCROW, [decision, *others], ROSTER) == canonical(IDENTITY)
    with pytest.raises(Refused):
        combine(terms["document"], key, ESCROW, [decision, others[0]], ROSTER)


def test_the_terms_are_shown_in_words_before_anything_is_decided(pinned: Pinned) -> None:
    terms, _ = request()
    read_request(pinned, C1, packet_file(C1, terms))
    pinned.at("What is asked of you")
    shown = pinned.text()
    for said in (
        "V2 asks you to open the identity of one witness",
        REASON,
        "22 December 2026",
        ESCROW["record"],
        rosters.found(packet_file(C1, terms)["rosters"][0]).fingerprint,
        "Version 2",
        "3 of 5 custodians must approve. You are C1.",
        "compare these words",
    ):
        assert said in shown
    expect(pinned.page.get_by_role("img", name="5 custodians, of whom 3 must approve")).to_be_visible()


def test_a_refusal_says_why_to_the_requester_alone(pinned: Pinned) -> None:
    terms, key = request()
    decision = decide_in_page(pinned, terms, refusal="Ask her first.")
    document = decision["document"]
    assert (document["decision"], document["share"], document["index"]) == ("refuse", None, None)
    about = {part: document[part] for part in ("opening", "terms", "custodian", "index")}
    reason = boxes.unseal(key, ("handed-share", about), unb64(document["reason"]))
    assert unpad(reason) == b"Ask her first."
    with pytest.raises(Refused, match="2 of 3"):
        combine(terms["document"], key, ESCROW, [decision, *(approve(p, terms) for p in (C2, C3))], ROSTER)


def test_a_custodian_can_go_back_from_the_last_question(pinned: Pinned) -> None:
    terms, _ = request()
    read_request(pinned, C1, packet_file(C1, terms))
    pinned.at("What is asked of you")
    pinned.press("Go on")
    pinned.refused("Choose whether you approve or refuse")
    pinned.check("I refuse")
    pinned.press("Go on")
    pinned.refused("Give a reason")
    pinned.check("I approve")
    pinned.press("Go on")
    pinned.refused("Compare the vault's six words first")
    pinned.check("I compared")
    pinned.press("Go on")
    pinned.at("Is this your decision?")
    assert "cannot be taken back" in pinned.text()
    pinned.press("No, go back")
    pinned.at("What is asked of you")


def test_the_decision_stands_there_as_text_too(pinned: Pinned) -> None:
    terms, _ = request()
    decision = decide_in_page(pinned, terms)
    pinned.page.get_by_text("As text, to copy").click()
    text = pinned.page.get_by_role("textbox", name="Your approval As text, to copy").input_value()
    assert parse_object(text) == decision


def test_a_request_can_be_pasted(pinned: Pinned) -> None:
    terms, _ = request()
    pinned.go("Read a request")
    pinned.choose("Your key file", C1.key_file)
    pinned.page.get_by_text("Paste it instead").locator("visible=true").click()
    pinned.fill("The request as text", "  " + canonical(packet_file(C1, terms)).decode() + "\n")
    pinned.fill("Its passphrase", C1.passphrase)
    pinned.press("Read the request")
    pinned.at("What is asked of you")


def test_the_key_file_is_offered_with_the_newest_pin_and_opens_as_before(pinned: Pinned) -> None:
    terms, _ = request()
    decide_in_page(pinned, terms)
    saved = pinned.saved("key-file.json")
    assert saved["pin"] == PIN
    assert open_key_file(saved, C1.passphrase).newest == C1.secret


def test_a_key_file_that_is_up_to_date_is_not_offered_again(pinned: Pinned) -> None:
    terms, _ = request()
    read_request(pinned, C1, packet_file(C1, terms), {**C1.key_file, "pin": PIN})
    pinned.at("What is asked of you")
    assert "They continue what your file has seen before" in pinned.text()
    expect(pinned.page.get_by_label("I compared")).to_be_hidden()
    pinned.check("I approve")
    pinned.press("Go on")
    pinned.press("Hand over my share")
    pinned.at("Your decision is signed")
    expect(pinned.page.get_by_role("button", name="Save key-file.json")).to_have_count(0)


def test_a_key_file_at_its_real_cost_opens(pinned: Pinned) -> None:
    terms, _ = request()
    real = seal_key_file([C1.card], [C1.secret], PIN, (C1.passphrase, KEY_FILE))
    read_request(pinned, C1, packet_file(C1, terms), real)
    pinned.at("What is asked of you")


# --- a requester -------------------------------------------------------------------------------------------------


def test_a_request_of_the_page_is_one_that_custodians_accept(pinned: Pinned) -> None:
    ask_in_page(pinned)
    pinned.at("This is what you will sign")
    assert REASON in pinned.text()
    pinned.press("The vault's words are right: sign it")
    pinned.at("Your request is signed")
    file, kept = pinned.saved("request.json"), pinned.saved("opening.json")
    terms = check_terms(file["terms"], ROSTER, TODAY)
    assert (terms["reason"], terms["requester"], terms["escrow"]) == (REASON, "V2", fingerprint(ESCROW))
    words = pinned.page.locator("#asked-code li").all_inner_texts()
    assert len(words) == OPENING_CODE_WORDS
    assert set(words) <= set(word_list())
    about = ("opening-key", {"opening": terms["opening"]})
    key = SealingKey(unlock(opening_key(" ".join(words)), about, unb64(kept["key"])))
    assert b64(key.public) == terms["key"]
    assert kept["terms"] == file["terms"]


def test_what_the_command_line_approved_is_shown_once_in_the_page(pinned: Pinned) -> None:
    terms, key = request()
    decisions = [
        approve(C2, terms),
        approve(C4, terms, refusal="Not yet."),
        approve(C3, terms),
        approve(C5, terms),
    ]
    combine_in_page(pinned, opening_file(terms, key), redemption_file(terms, decisions), OPENING_CODE.upper())
    pinned.at("Are you alone?")
    assert "C4 refused" in pinned.text()
    assert "Not yet." in pinned.text()
    assert IDENTITY["name"] not in pinned.page.content()
    pinned.press("I am alone: show it")
    pinned.at("The identity")
    for part in ("pseudonym", "name", "contact", "address"):
        assert IDENTITY[part] in pinned.text()
    expect(pinned.page.get_by_role("button", name="copy")).to_have_count(0)


def shown(pinned: Pinned) -> None:
    """An identity stands on the page."""
    terms, key = request()
    decisions = [approve(person, terms) for person in (C1, C2, C3)]
    combine_in_page(pinned, opening_file(terms, key), redemption_file(terms, decisions))
    pinned.at("Are you alone?")
    pinned.press("I am alone: show it")
    pinned.at("The identity")


def left_behind(pinned: Pinned) -> str:
    """Everything in which a page could leave something."""
    return str(
        pinned.page.evaluate(
            """() => JSON.stringify([document.documentElement.outerHTML, document.title, location.href, history.state,
               history.length, {...localStorage}, {...sessionStorage}, document.cookie, window.name,
               [...document.querySelectorAll("input, textarea")].map((field) => field.value)])"""
        )
    )


def test_nothing_of_an_opening_is_left_once_it_is_cleared(pinned: Pinned) -> None:
    before = pinned.page.evaluate("[document.title, location.href, history.length]")
    shown(pinned)
    assert IDENTITY["contact"] in left_behind(pinned)
    assert pinned.page.evaluate("[document.title, location.href, history.length]") == before
    pinned.press("I have read it: clear it")
    pinned.at("It is gone from this page")
    left = left_behind(pinned)
    texts = [text for part, text in IDENTITY.items() if part != "format" and text]
    assert not any(text in left for text in (*texts, OPENING_CODE))
    assert pinned.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert pinned.context.cookies() == []


def test_an_identity_goes_after_two_minutes_without_a_touch(pinned: Pinned) -> None:
    shown(pinned)
    pinned.page.clock.run_for(100_000)
    pinned.page.keyboard.press("Shift")
    pinned.page.clock.run_for(100_000)
    assert IDENTITY["contact"] in pinned.text()
    pinned.page.clock.run_for(30_000)
    pinned.at("It is gone from this page")
    assert IDENTITY["contact"] not in left_behind(pinned)


def test_an_identity_that_was_not_shown_goes_too(pinned: Pinned) -> None:
    terms, key = request()
    decisions = [approve(person, terms) for person in (C1, C2, C3)]
    combine_in_page(pinned, opening_file(terms, key), redemption_file(terms, decisions))
    pinned.at("Are you alone?")
    pinned.page.clock.run_for(130_000)
    pinned.at("It is gone from this page")


def test_an_identity_goes_when_the_page_is_left(pinned: Pinned) -> None:
    shown(pinned)
    pinned.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert IDENTITY["contact"] not in left_behind(pinned)
    pinned.at("What are you here for?")


def test_a_request_key_of_the_page_signs_what_a_roster_that_lists_it_lets_stand(pinned: Pinned) -> None:
    pinned.go("Make a request key")
    pinned.fill("Your code", "v7")
    pinned.choose("The vault's rosters", roster_file())
    pinned.press("Go on")
    pinned.at("Compare, then write down")
    passphrase = pinned.page.locator("#passphrase-words").inner_text()
    assert len(passphrase.split()) == 6
    pinned.fill("Type them once", "something else")
    pinned.press("The vault's words are right: make the key")
    pinned.refused("These are not the six words")
    pinned.fill("Type them once", passphrase.upper())
    pinned.press("The vault's words are right: make the key")
    pinned.at("Your request key is made")
    member, card = pinned.saved("member.json"), pinned.saved("request-card.json")
    document = read_card(card, "request-card")
    assert (document["vault"], document["code"]) == (VAULT, "V7")
    key = unwrap_request_key(member["request_key"], "V7", passphrase, unb64(member["factor"]))
    assert b64(key.public) == document["signing"]
    assert member["pin"] == PIN
    assert card_fingerprint(card) in pinned.text()
    assert passphrase not in left_behind(pinned)


# --- a key of a case ---------------------------------------------------------------------------------------------


def test_a_case_key_is_asked_for_approved_and_granted_and_never_shown(opened: Open) -> None:
    case, records = founded_case()
    record = records["testimony"]
    requester, custodian = opened(), opened()
    ask_in_page(requester, record, "A key of a case that the case promises me")
    requester.at("This is what you will sign")
    requester.press("The vault's words are right: sign it")
    requester.at("Your request is signed")
    terms, kept = requester.saved("request.json")["terms"], requester.saved("opening.json")
    code = " ".join(requester.page.locator("#asked-code li").all_inner_texts())

    read_request(custodian, C1, packet_file(C1, terms, record, [case]))
    custodian.at("What is asked of you")
    assert "asks you to open this key of case S1: testimony." in custodian.text()
    assert "testimony, version 1, as version 1 of the case has it" in custodian.text()
    assert "Deposit-only" not in custodian.text()  # V2 is a reviewer
    custodian.check("I approve")
    custodian.check("I compared")
    custodian.press("Go on")
    custodian.press("Hand over my share")
    custodian.at("Your decision is signed")
    decisions = [
        custodian.saved("decision.json"),
        *(approve(p, terms, record, case=[case]) for p in (C2, C3)),
    ]

    requester.go("Begin again")
    combine_in_page(requester, kept, redemption_file(terms, decisions, record, case=[case]), code)
    requester.at("The key is sealed to you")
    grant = requester.saved("grant.json")
    file = casefiles.parse(case["document"])
    assert (grant["case"], grant["key"], grant["version"], grant["member"]) == (file.id, "testimony", 1, "V2")
    opened_key = open_grant(file, ("testimony", 1), "V2", V2.secret.sealing, unb64(grant["sealed"]))
    assert opened_key.public == file.keys["testimony"]
    assert b64(opened_key.seed) not in left_behind(requester)


def test_a_custodian_reads_whose_deposit_only_ends(opened: Open) -> None:
    reader = Person("R3", "researcher", asks=True)
    chain = [*CHAIN, signed_by(following(ROSTER, [*MEMBERS, reader]), (C1, C2, C3))]
    roster = rosters.verify_chain(chain)[-1]
    case, records = founded_case(roster, {"V1": ["brief"], "R3": ["brief", "testimony"]})
    record = records["testimony"]
    named = {"purpose": "case-key", "record": record["record"], "escrow": fingerprint(record)}
    assert reader.request is not None
    terms, _ = ask({**named, "reason": REASON, "requester": "R3"}, roster, reader.request, Days(TODAY, LAST))
    custodian = opened()
    read_request(custodian, C1, packet_file(C1, terms, record, [case], rosters=chain))
    custodian.at("What is asked of you")
    assert "This ends deposit-only for R3, a researcher" in custodian.text()


# --- how it looks and sounds -------------------------------------------------------------------------------------


def test_without_javascript_it_says_so(opened: Open) -> None:
    pinned = opened(java_script_enabled=False)
    assert "works only with JavaScript" in pinned.text()
    expect(pinned.page.get_by_role("button", name="Read a request", exact=True)).to_be_hidden()


def test_the_policy_lets_it_talk_to_nobody(pinned: Pinned) -> None:
    policy = pinned.page.locator("meta[http-equiv]").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in policy
    assert "unsafe" not in policy
    for attempt in ("fetch('http://127.0.0.1:9/')", "import('data:text/javascript,1')"):
        assert pinned.page.evaluate(f"() => {attempt}.then(() => 'allowed', () => 'refused')") == "refused"
    pinned.complaints.clear()  # Chromium says of each that the policy refused it
    pinned.asked[:] = [url for url in pinned.asked if "127.0.0.1" not in url and not url.startswith("data:")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_is_told_to_a_screen_reader(opened: Open, scheme: str) -> None:
    pinned = opened(viewport=PHONE, color_scheme=scheme)
    assert overflow(pinned.page) == 0
    read_request(pinned, C1, packet_file(C1, request()[0]))
    pinned.at("What is asked of you")
    assert overflow(pinned.page) == 0
    assert pinned.page.evaluate("document.activeElement.id") == "terms-title"
    unnamed = pinned.page.evaluate(
        "[...document.querySelectorAll('input, textarea')].filter(({labels}) => !labels.length).map(({id}) => id)"
    )
    assert unnamed == []


def test_everything_can_be_done_with_the_keyboard(pinned: Pinned) -> None:
    for key in ("Tab", "Tab", "Tab", "Enter"):  # past the content's link and the choice of a language
        pinned.page.keyboard.press(key)
    pinned.at("Read a request")
    expect(pinned.page.get_by_role("heading", name="Read a request")).to_be_focused()
