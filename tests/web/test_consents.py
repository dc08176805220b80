"""The page on which a researcher says that what a witness allows has changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cast import R1, V2
from tests.readers import cut, told
from tests.stage import Scene
from tests.visitor import Visitor, hidden, sentences
from tests.web.desks import KNOWN_PSEUDONYM, MISTYPED_PSEUDONYM, Desk, Watch
from vault.receipts import Receipt
from vault.rules.consent import Consent

HOW = "By the well, the VERMILLOTH said to stop."


@dataclass
class Form:
    """R1, with the page open; four witnesses have been heard, who all allow counting."""

    desk: Desk
    path: str
    hidden: dict[str, str]
    receipts: list[Receipt]

    @property
    def scene(self) -> Scene:
        return self.desk.scene

    @property
    def visitor(self) -> Visitor:
        return self.desk.researcher

    def filled(self, **changes: Any) -> dict[str, Any]:
        """The last witness withdraws, with something else typed; None leaves a field out."""
        said = {
            **self.hidden,
            **{"pseudonym": self.receipts[-1].pseudonym, "date": "2026-11-20", "mode": "in_person"},
            **{"language": "ar", "testimony": HOW, "act": "look"},
            **changes,
        }
        return {name: value for name, value in said.items() if value is not None}

    def post(self, **changes: Any) -> TestResponse:
        return self.visitor.post(self.path, self.filled(**changes))

    def allowed(self) -> dict[str, Consent]:
        """What a reader sees to be allowed now of each deposit, by receipt."""
        return {one.half.digest: one.allowed for one in told(self.scene)[0]}


@pytest.fixture
def form(desk: Desk) -> Form:
    scene = desk.scene
    receipts = [scene.deposit(R1, scene.said("heard")) for _ in range(4)]
    path = f"/cases/{scene.case}/consent"
    assert path in text(desk.researcher.get(f"/cases/{scene.case}"))
    page = desk.researcher.get(path)
    assert page.status_code == 200
    return Form(desk, path, hidden(page), receipts)


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def digest_on(receipt: TestResponse) -> str:
    shown = re.sub(r"<[^>]*>|\s", "", text(receipt))
    found = re.search(r"Receipt([A-Za-z0-9_-]{43})Needed", shown)
    assert found
    return found[1]


def test_nothing_is_kept_before_it_was_said_what_will_happen(form: Form) -> None:
    look = form.post()
    assert look.status_code == 200
    assert "nothing that they said in this case is counted" in text(look)
    assert form.scene.taken()["observations"] == 4
    receipt = form.visitor.post(form.path, {**hidden(look), "act": "seal"})
    assert receipt.status_code == 200
    assert form.scene.taken()["observations"] == 5
    assert form.receipts[-1].pseudonym in text(receipt)
    assert form.hidden["token"] not in re.sub(r"<[^>]*>|\s", "", text(receipt))


def test_whoever_goes_back_finds_what_they_typed(form: Form) -> None:
    look = form.post(**{"consent-recording": "yes", "consent-uses": ["verbatim"]})
    back = text(form.visitor.post(form.path, {**hidden(look), "consent-uses": ["verbatim"], "act": "show"}))
    assert HOW in back
    assert form.receipts[-1].pseudonym in back
    assert back.count(" checked") == 2


def test_a_withdrawal_holds_for_the_next_edition_and_shows_nobody_who_withdrew(form: Form) -> None:
    assert cut(form.scene).incident(form.scene.hospital)["status"] == "counted"
    assert form.post(act="seal").status_code == 200
    entry = cut(form.scene, 30).incident(form.scene.hospital)
    assert (entry["status"], entry["claims"]) == ("under-review", None)


def test_a_reader_sees_beside_an_interview_what_is_allowed_now(form: Form) -> None:
    form.post(act="seal")
    (record,) = (one.record for one in told(form.scene)[0] if one.half.digest == form.receipts[-1].digest)
    reader = Visitor(form.desk.app, V2)
    page = text(reader.get(f"/cases/{form.scene.case}/testimony/{record}"))
    assert "What the witness allows now" in page
    assert "(this deposit says: allowed)" in page
    assert "corrects this one" not in page
    assert "change of consent" in text(reader.get(f"/cases/{form.scene.case}/testimony"))


def test_what_was_withdrawn_is_allowed_again_by_the_receipt_of_the_withdrawal(form: Form) -> None:
    withdrawn = digest_on(form.post(act="seal"))
    again = {"consent-recording": "yes", "consent-uses": "corroboration", "act": "seal"}
    fresh = {"token": hidden(form.visitor.get(form.path))["token"], "testimony": ""}
    assert form.post(**again, **fresh).status_code == 200
    assert not form.allowed()[form.receipts[-1].digest].uses
    fresh = {"token": hidden(form.visitor.get(form.path))["token"], "supersedes": withdrawn}
    other = digest_on(form.post(**again, **fresh))
    assert form.allowed()[form.receipts[-1].digest].uses == {"corroboration"}
    (change,) = (one for one in told(form.scene)[0] if one.half.digest == withdrawn)
    assert (change.superseded, other in form.allowed()) == (True, True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "nothing that they said in this case is counted"),
        (
            {"consent-recording": "yes", "consent-uses": "verbatim"},
            "nothing that they said in this case is counted",
        ),
        ({"consent-uses": "corroboration"}, "nothing that they said in this case is counted"),
        ({"consent-recording": "yes", "consent-uses": "corroboration"}, "only if every earlier answer"),
        (
            {"consent-recording": "yes", "consent-uses": "corroboration", "supersedes": "A" * 43},
            "this replaces the answer that you named",
        ),
    ],
)
def test_it_is_said_what_will_happen(form: Form, changes: dict[str, Any], sentence: str) -> None:
    assert sentence in text(form.post(**changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"pseudonym": ""},
            "A follow-up, a correction or a change of consent needs the pseudonym of the witness.",
        ),
        ({"pseudonym": MISTYPED_PSEUDONYM}, None),
        ({"supersedes": "short"}, None),
        ({"date": "yesterday"}, None),
        ({"language": "Arabic"}, None),
        ({"mode": "telepathy"}, None),
        ({"token": "short"}, None),
        ({"consent-uses": "everything"}, None),
    ],
)
def test_bad_input_changes_nothing_and_is_never_repeated_in_the_error(
    form: Form, watch: Watch, changes: dict[str, Any], sentence: str | None
) -> None:
    for act in ("look", "seal"):
        with watch.over(form.desk):
            answer = form.post(**changes, act=act)
        assert answer.status_code == 422
        said = " ".join(sentences(answer))
        assert sentence is None or sentence in said
        assert not any(str(value) in said for value in changes.values() if value)


def test_sent_twice_it_is_one_deposit_and_another_under_its_token_is_refused(form: Form) -> None:
    first, second = form.post(act="seal"), form.post(act="seal")
    assert digest_on(first) == digest_on(second)
    assert form.scene.taken()["observations"] == 5
    assert form.post(act="seal", pseudonym=KNOWN_PSEUDONYM).status_code == 409


def test_it_leaves_neither_a_member_nor_a_day_in_the_audit_however_it_ends(form: Form) -> None:
    before = form.scene.contents()["audit"]
    assert form.post(act="seal", csrf="another's").status_code == 403
    assert form.post(act="seal").status_code == 200
    assert form.post(act="seal", testimony="Otherwise.").status_code == 409
    assert form.scene.contents()["audit"] == before


def test_to_whom_from_when_and_how_they_agreed_is_asked_folded_and_only_the_codes_are_counted(
    form: Form,
) -> None:
    more = {
        "consent-recording": "yes",
        "consent-uses": ["corroboration", "legal"],
        "consent-to-icc": "under_custody",
    }
    asked = {
        "consent-embargo": "2027-03-15",
        "consent-until": "2036-12-31",
        "asking-restated": "yes",
        "asking-restrictions": "Not the QUENBRIDGE.",
    }
    look = form.post(**more, **asked)
    said = text(look)
    assert all(
        part in said
        for part in ("Courts and inquiries", "The International Criminal Court", "2027-03-15", "2036-12-31")
    )
    sealed = form.visitor.post(
        form.path, {**hidden(look), "consent-uses": more["consent-uses"], "act": "seal"}
    )
    allowed = form.allowed()[digest_on(sealed)]
    assert allowed.to_json()["recipients"] == {"icc": "under_custody"}
    assert (allowed.asking.restrictions, allowed.until) == ("Not the QUENBRIDGE.", date(2036, 12, 31))
    over = form.post(**more, **{**asked, "consent-until": "2016-12-31"})
    assert over.status_code == 422
    assert "over already: correct it" in text(over)
    assert '<a href="#consent-until">' in text(over)
    again = form.post(**more, **{**asked, "asking-restated": "no"})
    assert again.status_code == 422
    assert '<a href="#asking-restated">' in text(again)
    assert '<details class="explain" open>' in text(again)


def test_what_is_read_aloud_is_one_page_for_everybody_in_each_language(form: Form) -> None:
    for lang, way, words in (
        ("en", "ltr", "Say it again to me"),
        ("ar", "rtl", "كلماتك"),
        ("xx", "ltr", "Say it again"),
    ):
        page = text(Visitor(form.scene.app()).get(f"/consent-script?lang={lang}"))
        part = page.partition(f'<div lang="{lang if lang != "xx" else "en"}" dir="{way}">')[2]
        assert words in part.partition("</main>")[0]
        assert (
            '<html lang="en" dir="ltr">' in page
        )  # what stands around it is in the language of the interface
    assert "/consent-script" in text(form.visitor.get(form.path))


def test_what_is_read_aloud_asks_in_each_language_from_when_and_until_when(form: Form) -> None:
    visitor, lines = Visitor(form.scene.app()), set[int]()
    for lang, until in {
        "en": "may no longer keep what you said",
        "ar": "لا يجوز لنا بعده أن نحفظ",
        "es": "ya no podamos guardar",
        "fr": "nous ne pouvons plus garder",
        "ru": "больше нельзя хранить",
        "uk": "більше не можна зберігати",
    }.items():
        page = text(visitor.get(f"/consent-script?lang={lang}"))
        assert until in page
        lines.add(page.count("<li>"))
    assert len(lines) == 1
