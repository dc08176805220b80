"""vault.rules.labels and the languages that come with the vault"""

import re

import pytest

from config.settings import label_texts
from tests.rules.cast import AIR_STRIKE
from tests.rules.releases import present
from vault.errors import Invalid
from vault.rules.labels import Labels

VOCABULARIES = present()
LANGUAGES = {language: Labels.parse(text) for language, text in label_texts().items()}
CYRILLIC, ARABIC = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[\u0600-\u06ff]")
SCRIPT = {"ar": ARABIC, "ru": CYRILLIC, "uk": CYRILLIC}


def test_the_labels_are_in_arabic_french_spanish_russian_and_ukrainian() -> None:
    assert set(LANGUAGES) == {"ar", "fr", "es", "ru", "uk"}
    assert all(language == labels.language for language, labels in LANGUAGES.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_claims_a_review_that_nobody_made(language: str) -> None:
    assert not LANGUAGES[language].reviewed


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_is_missing_and_none_is_stale(language: str) -> None:
    labels = LANGUAGES[language]
    subjects = [subject for vocabulary in VOCABULARIES.values() for subject in vocabulary.subjects]
    coded = {subject.code for subject in subjects if subject.codes}
    assert set(labels.groups) == {code for vocabulary in VOCABULARIES.values() for code in vocabulary.groups}
    assert set(labels.subjects) == {subject.code for subject in subjects}
    assert set(labels.descriptors) == {code for one in VOCABULARIES.values() for code in one.descriptors}
    assert set(labels.codes) == coded
    for claim in coded:
        codes = {code for subject in subjects if subject.code == claim for code in subject.codes}
        assert set(labels.codes[claim]) == codes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_vocabulary_in_another_language_has_the_same_claims_in_the_same_order(
    name: str, language: str
) -> None:
    english, other = VOCABULARIES[name], LANGUAGES[language].of(VOCABULARIES[name])
    assert (other.name, other.version, list(other.groups)) == (name, english.version, list(english.groups))
    for one, its in zip(english.subjects, other.subjects, strict=True):
        assert (one.code, one.kind, one.parent) == (its.code, its.kind, its.parent)
        assert (one.minimum, one.maximum, list(one.codes)) == (its.minimum, its.maximum, list(its.codes))
        assert list(english.groups.values()).index(one.group) == list(other.groups.values()).index(its.group)


@pytest.mark.parametrize("language", [None, *LANGUAGES])
@pytest.mark.parametrize("name", VOCABULARIES)
def test_no_two_choices_read_alike(name: str, language: str | None) -> None:
    vocabulary = VOCABULARIES[name]
    if language is not None:
        vocabulary = LANGUAGES[language].of(vocabulary)
    choices = [[subject.label for subject in vocabulary.subjects], list(vocabulary.groups.values())]
    choices += [list(subject.codes.values()) for subject in vocabulary.subjects]
    choices.append([one.label for one in vocabulary.descriptors.values()])
    alike = [label for labels in choices for label in set(labels) if labels.count(label) > 1]
    assert alike == []


@pytest.mark.parametrize("language", SCRIPT)
def test_a_label_is_written_in_the_script_of_its_language(language: str) -> None:
    labels = LANGUAGES[language]
    words = [*labels.groups.values(), *labels.subjects.values(), *labels.descriptors.values()]
    words += [label for table in labels.codes.values() for label in table.values()]
    assert [
        word for word in words if re.search(r"[^\W\d_]", word) and not SCRIPT[language].search(word)
    ] == []


def test_the_same_value_reads_in_each_language() -> None:
    read = {
        code: LANGUAGES[code].of(AIR_STRIKE).value_label("weapon.munition", "cluster") for code in LANGUAGES
    }
    assert read["ar"] == "ذخيرة عنقودية"
    assert read["uk"] == "Касетний боєприпас"
    assert AIR_STRIKE.value_label("weapon.munition", "cluster") == "A cluster munition"


def test_a_code_without_a_word_keeps_the_english() -> None:
    bare = Labels.parse('language="la"\nname="Latina"\nreviewed=true\ngroups={}\nsubjects={}\n')
    assert bare.of(AIR_STRIKE) == AIR_STRIKE


HEAD = 'language="la"\nname="Latina"\nreviewed=false\n'


@pytest.mark.parametrize(
    "text",
    [
        "language = ",
        HEAD,
        HEAD + "groups={}\n",
        HEAD + "groups={}\nsubjects={}\ncolour=1\n",
        HEAD + "groups={}\nsubjects={}\ncodes=1\n",
        HEAD + "groups={}\nsubjects={}\ndescriptors=1\n",
        HEAD + "groups={}\nsubjects={}\ncodes={a=1}\n",
        HEAD + "groups={}\nsubjects={a=1}\n",
        HEAD + 'groups={g=" "}\nsubjects={}\n',
        HEAD + "groups={}\nsubjects={a='" + "x" * 81 + "'}\n",
        'language="Latin"\nname="Latina"\nreviewed=false\ngroups={}\nsubjects={}\n',
        'language="L"\nname="Latina"\nreviewed=false\ngroups={}\nsubjects={}\n',
        'language="la"\nname="Latina"\nreviewed="no"\ngroups={}\nsubjects={}\n',
    ],
)
def test_broken_labels_are_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        Labels.parse(text)
