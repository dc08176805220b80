"""vault.rules.wording and how statements are said in each language that comes with the vault"""

# ruff: noqa: RUF001 (the letters and quotation marks of other languages)

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import label_texts, wording_texts
from tests.rules.cast import AIR_STRIKE
from tests.rules.releases import present
from vault.errors import Invalid
from vault.rules.labels import Labels
from vault.rules.sheets import COLUMNS
from vault.rules.vocabulary import ValueKind, Vocabulary
from vault.rules.wording import Wording, sentence_alone, sentences

TEXTS = wording_texts()
WORDINGS = {language: Wording.parse(text) for language, text in TEXTS.items()}
LABELS = {language: Labels.parse(text) for language, text in label_texts().items()}
LADDER = [3, 5, 8, 12, 20, 30, 50]
NUMERIC = [subject.code for subject in AIR_STRIKE.subjects if subject.kind is ValueKind.NUMBER]
PLAIN = [subject.code for subject in AIR_STRIKE.subjects if subject.kind is ValueKind.YES]
ENGLISH = WORDINGS["en"]


def line(subject: str, value: Any, column: str, number: int, **more: Any) -> dict[str, Any]:
    """A line of a statement, exact unless said otherwise, without what proves it."""
    told = {"subject": subject, "value": value, "column": column, "number": number}
    return {**told, "exactly": True, "within": None, **more}


def words(language: str, vocabulary: Vocabulary = AIR_STRIKE) -> Vocabulary:
    return vocabulary if language == "en" else LABELS[language].of(vocabulary)


def said(*lines: dict[str, Any], language: str = "en", wording: Wording | None = None) -> list[str]:
    document = {"lines": list(lines), "policy": {"ladder": LADDER}}
    return sentences(document, words(language), wording or WORDINGS[language])


SERMIN = (
    line("strike.took_place", "yes", "direct", 3),
    line("aircraft.present", "yes", "direct", 2, within=0),
    line("aircraft.number", 2, "saw", 1, within=1),
)


def test_the_field_hospital_in_sermin_is_said_in_six_languages() -> None:
    assert {language: " ".join(said(*SERMIN, language=language)) for language in WORDINGS} == {
        "en": "Three witnesses perceived the strike directly. Two of them perceived aircraft directly. "
        "One of them saw two aircraft.",
        "ar": "أدرك ثلاثة من الشهود الغارة مباشرةً. أدرك اثنان منهم طائرات مباشرةً. رأى واحد منهم طائرات عددها 2.",
        "fr": "Trois témoins ont perçu directement l’attaque. Deux d’entre eux ont perçu directement des "
        "avions. Un d’entre eux a vu deux avions.",
        "es": "Tres testigos percibieron directamente el ataque. Dos de ellos percibieron directamente "
        "aviones. Uno de ellos vio dos aviones.",
        "ru": "Свидетели (трое) непосредственно восприняли удар. Из них двое непосредственно восприняли "
        "самолёты. Из них один видел самолёты (число: 2).",
        "uk": "Свідки (троє) безпосередньо сприйняли удар. З них двоє безпосередньо сприйняли літаки. "
        "З них один бачив літаки (кількість: 2).",
    }


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([line("crater.present", "yes", "saw", 1)], "One witness saw a crater."),
        ([*SERMIN, line("strike.second", "yes", "felt", 1, within=2)],
         "Of those who saw two aircraft, one felt another strike on the same place."),
        ([*SERMIN, line("strike.second", "yes", "saw", 1, within=0)],
         "Of those who perceived the strike directly, one saw another strike on the same place."),
        ([line("aircraft.present", "yes", "heard", 3, exactly=False)], "At least three people heard aircraft."),
        ([line("aircraft.number", {"min": 2, "max": 3}, "saw", 20, exactly=False)],
         "At least 20 people saw two to three aircraft."),
        ([line("explosions.count", 1, "heard", 0, exactly=False)], "Fewer than three people heard one explosion."),
        ([line("strike.took_place", "yes", "attended", 3)],
         "Three witnesses gave help at the scene of the strike."),
        ([line("aircraft.altitude", "unusually_high", "saw", 3)],
         "Three witnesses saw aircraft flying unusually high."),
        ([line("aircraft.sound", "jet", "heard", 3)],
         "Three witnesses heard “Aircraft: what they sounded like: Like a jet plane”."),
        ([line("warning.by_attacker", "yes", "heard", 3)],
         "Three witnesses heard “Warning: it came from those who attacked”."),
        ([line("harm.killed", {"min": 2, "max": 13}, "saw", 13)],
         "13 witnesses saw “People: how many were killed: 2–13”."),
    ],
)  # fmt: skip
def test_a_line_becomes_a_sentence(lines: list[dict[str, Any]], last: str) -> None:
    assert said(*lines)[-1] == last


def numerals(wording: Wording) -> Wording:
    """The same wording with its numbers in figures, so that they can be found again."""
    return replace(wording, numbers=())


@given(st.data())
def test_every_number_of_a_line_and_no_other_is_said_in_every_language(data: st.DataObject) -> None:
    column = data.draw(st.sampled_from(COLUMNS))
    about = data.draw(st.sampled_from([("yes", code) for code in PLAIN] + [(0, code) for code in NUMERIC]))
    value = data.draw(st.integers(1, 90)) if about[0] == 0 else "yes"
    exactly, number = data.draw(st.booleans()), data.draw(st.sampled_from([3, 5, 8, 12, 20]))
    fewer = not exactly and data.draw(st.booleans())
    expected = sorted([3 if fewer else number, *([value] if isinstance(value, int) else [])])
    for language, wording in WORDINGS.items():
        (sentence,) = said(
            line(about[1], value, column, 0 if fewer else number, exactly=exactly),
            language=language,
            wording=numerals(wording),
        )
        assert sorted(map(int, re.findall(r"\d+", sentence))) == expected, sentence


@pytest.mark.parametrize("language", WORDINGS)
def test_a_line_within_another_brings_its_own_number_alone(language: str) -> None:
    lines = (*SERMIN[:2], line("crater.present", "yes", "saw", 2, within=0))
    spoken = said(*lines, language=language, wording=numerals(WORDINGS[language]))
    assert [re.findall(r"\d+", sentence) for sentence in spoken] == [["3"], ["2"], ["2"]]


@pytest.mark.parametrize("language", WORDINGS)
def test_numbers_up_to_twelve_are_words_and_different_ones(language: str) -> None:
    spoken = [WORDINGS[language].number(count) for count in range(14)]
    assert len(set(spoken)) == 14
    assert [word for word in spoken if word.isdigit()] == ["0", "13"]


@pytest.mark.parametrize("language", WORDINGS)
def test_no_two_ways_of_perceiving_and_no_two_claims_are_said_alike(language: str) -> None:
    wording, vocabularies = WORDINGS[language], [words(language, one) for one in present().values()]
    assert len({wording.perceived[column]["other"] for column in COLUMNS}) == len(COLUMNS)
    for vocabulary in vocabularies:
        claims = [wording.claimed(vocabulary, subject.code, "yes") for subject in vocabulary.subjects]
        assert len(set(claims)) == len(claims)


def test_wordings_are_in_the_languages_of_the_labels_and_say_the_same_claims() -> None:
    assert set(WORDINGS) == {"en", *LABELS}
    assert {language: wording.language for language, wording in WORDINGS.items()} == {
        language: language for language in WORDINGS
    }
    subjects = [subject for vocabulary in present().values() for subject in vocabulary.subjects]
    known = {f"{subject.code}={code}" for subject in subjects for code in subject.codes}
    known |= {subject.code for subject in subjects}
    for wording in WORDINGS.values():
        assert set(wording.claims) == set(ENGLISH.claims) <= known
        assert wording.page.keys() == ENGLISH.page.keys()
        assert {name: places(text) for name, text in wording.page.items()} == {
            name: places(text) for name, text in ENGLISH.page.items()
        }


def places(text: str) -> list[str]:
    return sorted(re.findall(r"{(\w+)}", text))


def test_no_wording_but_the_english_claims_a_review_that_nobody_made() -> None:
    assert [language for language, wording in WORDINGS.items() if wording.reviewed] == ["en"]


def test_arabic_is_written_from_the_right() -> None:
    assert [language for language, wording in WORDINGS.items() if wording.direction == "rtl"] == ["ar"]


def test_a_month_is_said_in_words() -> None:
    assert ENGLISH.month("2026-11") == "November 2026"
    assert WORDINGS["es"].month("2026-01") == "enero de 2026"


@pytest.mark.parametrize("language", sorted(WORDINGS))
def test_a_day_is_said_with_its_number_and_year_and_a_month_as_a_month(language: str) -> None:
    wording = WORDINGS[language]
    assert wording.when("2026-11") == wording.month("2026-11")
    assert {"4", "2026"} <= set(re.findall(r"[0-9]+", wording.when("2026-11-04")))


def test_a_line_alone_says_among_whom_it_counts() -> None:
    document = {"lines": list(SERMIN), "policy": {"ladder": LADDER}}
    alone = [sentence_alone(document, at, AIR_STRIKE, ENGLISH) for at in range(3)]
    together = sentences(document, AIR_STRIKE, ENGLISH)
    assert alone[0] == together[0]
    assert not [said for said in alone if "of them" in said.lower()]
    assert "of them" in together[1]


def test_a_claim_that_the_vocabulary_does_not_have_is_refused() -> None:
    with pytest.raises(Invalid):
        said(line("strike.weather", "yes", "saw", 3))


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("language =", "language"),
        ("[columns]", "[colours]"),
        ('"twelve"]', '"twelve", "thirteen"]'),
        ('"twelve"]', '"eleven"]'),
        (', "twelve"]', "]"),
        ('claim = "“{label}”"', 'claim = "“it”"'),
        ('claim = "“{label}”"', "claim = 1"),
        ('of_them = "{N} of them"', 'of_them = "some of them"'),
        ('of_them = "{N} of them"', 'of_them = "{N} of the 3"'),
        ('of_them = "{N} of them"', 'of_them = "{N} or {n} of them"'),
        ('of_them = "{N} of them"', 'of_them = "{N} of {those}"'),
        ('of_them = "{N} of them"', 'of_them = "{N of them"'),
        ('of_them = "{N} of them"', "of_them = 2"),
        ('of_them = "{N} of them"', 'of_them = { two = "{N} of them" }'),
        ('of_those = "of {those}, {n}"', 'of_those = "of those, {n}"'),
        ('those = "those who saw {claim}" }', 'those = "those {who} saw {claim}" }'),
        (', those = "those who saw {claim}" }', " }"),
        ('saw = { one = "{who} saw {claim}"', 'saw = { one = "{who} saw it"'),
        ('"aircraft.present" = "aircraft"', '"aircraft.present" = "2 aircraft"'),
        ('"aircraft.number" = "{value} aircraft"', '"aircraft.number" = "{value} or {figure} aircraft"'),
        ('"aircraft.number" = "{value} aircraft"', '"aircraft.number" = "{number} aircraft"'),
        ("[claims]", "[claims.all]"),
        ('saw = "seen"\n', ""),
        ('saw = "seen"\n', 'saw = " "\n'),
    ],
)
def test_a_wording_that_could_say_another_number_or_none_is_refused(there: str, instead: str) -> None:
    assert there in TEXTS["en"]
    with pytest.raises(Invalid):
        Wording.parse(TEXTS["en"].replace(there, instead))


def test_a_wording_without_a_table_is_refused() -> None:
    without = re.sub(r"\n\[claims\].*?(?=\n\[columns\])", "", TEXTS["en"], flags=re.DOTALL)
    with pytest.raises(Invalid):
        Wording.parse(without)
