"""The corroboration table as a reviewer sees it: ranges, why accounts were merged, what changed since."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from config.settings import label_texts
from tests.cast import R1, R2, V1, V2
from tests.readers import cut
from tests.stage import DAY, Scene, actor
from tests.visitor import Visitor
from vault.editions import compare, read_up_to
from vault.receipts import Receipt
from vault.rules import independence
from vault.rules.credibility import Excluded
from vault.rules.dependence import LinkKind
from vault.rules.editions import Moved, Since
from vault.rules.labels import Labels
from web import beside
from web.sentences import COLUMNS

INTRODUCER = "the baker"


def tell(scene: Scene, *perception: str, facts: dict[str, Any] | None = None, **said: Any) -> Receipt:
    interview = {"date": "2015-11-03", "language": "ar", "mode": "in_person", **(facts or {})}
    return scene.deposit(R1, scene.said(*perception, **said), interview=interview)


def told_by_many(scene: Scene) -> None:
    """Two interviewed together, two introduced by the same person, one who was told by a neighbour."""
    first = tell(scene, "saw")
    tell(scene, "heard", facts={"together_with": [first.pseudonym]})
    for _ in range(2):
        tell(scene, "heard", facts={"introducer": INTRODUCER})
    tell(scene, "learnt_from_others", chain=[{"kind": "neighbour", "named": False}])


def page(scene: Scene, number: int = 1, incident: str = "") -> str:
    path = f"/cases/{scene.case}/editions/{number}/{incident or scene.hospital}"
    text = Visitor(scene.app(), V2).get(path).get_data(as_text=True)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_a_range_is_shown_with_its_lower_end_as_what_is_published(scene: Scene) -> None:
    told_by_many(scene)
    cut(scene)
    text = page(scene)
    assert "two to three independent persons" in text
    assert "Publish the lower." in text


def test_why_accounts_were_merged_is_said_and_nobody_is_named(scene: Scene) -> None:
    told_by_many(scene)
    cut(scene)
    text = page(scene)
    assert "Two accounts count as one: interviewed together." in text
    assert "In the lower figure alone, two accounts count as one: introduced by the same person." in text
    assert INTRODUCER not in text


def test_hearsay_is_shown_by_how_many_mouths_it_came_through(scene: Scene) -> None:
    told_by_many(scene)
    cut(scene)
    assert "Those told by others had it: one through one person." in page(scene)


def test_an_edition_says_what_changed_since_the_one_before_in_words_alone(scene: Scene) -> None:
    told_by_many(scene)
    cut(scene)
    assert "Since edition" not in page(scene)
    for _ in range(3):
        scene.deposit(R2, scene.said("saw"))
    cut(scene, 30)
    text = page(scene, 2)
    assert "Since edition 1 The accounts of three people or more changed, so it was counted anew." in text
    assert ": at least three people more perceived it directly." in text
    cut(scene, 60)
    assert "Since edition 2 The figures are the same." in page(scene, 3)


def test_one_or_two_persons_more_are_not_told_from_none(scene: Scene) -> None:
    for _ in range(3):
        scene.deposit(R1, scene.said("saw"))
    cut(scene)
    scene.deposit(R1, scene.said("heard"))
    for _ in range(2):
        scene.deposit(R1, scene.said("did_not_see"))
    cut(scene, 30)
    with scene.unkept() as uow:
        known = read_up_to(uow, actor(V2), scene.case, 2, DAY)
    compared = compare(known, scene.hospital)
    assert compared is not None
    assert compared.since is Since.THREE_OR_MORE_CHANGED
    assert {moved for _, _, moved in compared.moved} == {Moved.ABOUT_AS_MANY}
    assert "more perceived" not in page(scene, 2)


@pytest.mark.parametrize("language", ["ar", "fr", "es", "ru", "uk"])
def test_claims_are_shown_in_the_words_that_were_chosen(scene: Scene, language: str) -> None:
    told_by_many(scene)
    cut(scene)
    reviewer, base = Visitor(scene.app(), V1), f"/cases/{scene.case}/editions/1/{scene.hospital}"
    words = Labels.parse(label_texts()[language]).subjects["aircraft.present"]
    for path in (base, f"{base}/sources", "/patterns"):
        chosen = html.unescape(reviewer.get(f"{path}?labels={language}").get_data(as_text=True))
        assert words in chosen
        assert f'lang="{language}"' in chosen
        assert "not yet reviewed by a native speaker" in chosen
        for plain in (path, f"{path}?labels=xx"):
            english = html.unescape(reviewer.get(plain).get_data(as_text=True))
            assert words not in english
            assert "Aircraft: present" in english


def test_a_picture_that_cannot_hold_everybody_ends_in_an_ellipsis(scene: Scene) -> None:
    pictures: Any = scene.app().jinja_env.get_template("_pictures.html").make_module()
    persons = pictures.persons
    assert [("…" in persons(*many, "")) for many in ((10, 10, 2), (11, 11, 0), (9, 11, 0), (1, 1, 12))] == [
        False,
        True,
        True,
        True,
    ]


def test_each_column_is_explained_in_a_sentence(scene: Scene) -> None:
    told_by_many(scene)
    cut(scene)
    text = page(scene)
    for name, says in COLUMNS:
        assert f"{name} {says}" in text
    assert len(COLUMNS) == 1 + len(independence.COLUMNS)


def test_only_who_holds_the_corroboration_key_is_offered_a_cut(scene: Scene) -> None:
    app = scene.app()
    may, may_not = Visitor(app, V1), Visitor(app, V2)
    case = f"/cases/{scene.case}"
    for path, offer in (
        ("/", "The first edition can be cut now"),
        (case, "Cut an edition"),
        (f"{case}/editions", "Cut an edition"),
    ):
        assert offer in may.get(path).get_data(as_text=True)
        assert offer not in may_not.get(path).get_data(as_text=True)
        assert "Editions" in may_not.get(path).get_data(as_text=True)
    assert may_not.get(f"{case}/editions/cut").status_code == 403


def test_an_incident_without_figures_shows_no_sentence_of_them(scene: Scene) -> None:
    tell(scene, "saw")
    cut(scene)
    text = page(scene)
    assert "Not enough accounts to count." in text
    assert "independent person" not in text.split("How to read it")[0]


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ({"compatible": 1}, "Perceived something that leaves it possible, and supports it no further: one."),
        ({"depth": {"unknown": 1}}, "Those told by others had it: one through nobody knows how many."),
        ({"disputed": 2}, "Two coders of the same testimony disagree here, of two witnesses."),
        (
            {"depth": {"1": 2, "3": 1}},
            "Those told by others had it: two through one person, one through three people in a row.",
        ),
        ({"origin": {"known": 1}}, "Of one of them it is known which witness it came from."),
        (
            {"merged": [{"of": "others", "accounts": 3, "because": ["same_household", "same_person"]}]},
            "Among those beside the direct ones, three accounts count as one: of the same household, the same person.",
        ),
    ],
)
def test_what_stands_beside_a_figure_has_a_sentence(detail: dict[str, Any], sentence: str) -> None:
    assert beside.beside(detail) == [sentence]


def test_every_kind_of_link_and_of_exclusion_has_words() -> None:
    assert set(beside.LINKS) == {str(kind) for kind in LinkKind}
    assert set(beside.EXCLUSIONS) == {str(why) for why in Excluded}
