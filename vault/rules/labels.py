"""The words for a vocabulary's codes in another language.

English stands in the vocabulary itself. A translation is a file of labels for all vocabularies, keyed by code,
so that it cannot drift from what it translates: a code has the same label wherever it stands. A translation
says whether a native speaker has reviewed it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from vault.errors import Invalid
from vault.rules.fields import Fields
from vault.rules.vocabulary import Subject, Vocabulary

LONGEST_LABEL = 80
_MEMBERS = ("language", "name", "reviewed", "groups", "descriptors", "subjects", "codes")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Labels:
    """One language: its code, its own name for itself, whether it was reviewed, its words by code."""

    language: str
    name: str
    reviewed: bool
    groups: Mapping[str, str]
    descriptors: Mapping[str, str]
    subjects: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]

    @classmethod
    def parse(cls, text: str) -> "Labels":
        """The labels in a TOML text; raises Invalid."""
        try:
            fields = Fields(tomllib.loads(text), "The labels", _MEMBERS)
        except (ValueError, RecursionError):  # no TOML, a number without end, nested without end
            raise Invalid("The labels are not a TOML text.") from None
        language = fields.text("language", 3)
        if not _LANGUAGE.fullmatch(language):
            raise fields.fault("language", "a short code such as ar")
        codes = fields.value("codes", {})
        if not isinstance(codes, dict):
            raise fields.fault("codes", "a table of tables of labels, by claim")
        return cls(
            language=language,
            name=fields.text("name", 40),
            reviewed=fields.flag("reviewed"),
            groups=_words(fields.value("groups"), "groups"),
            descriptors=_words(fields.value("descriptors", {}), "descriptors"),
            subjects=_words(fields.value("subjects"), "subjects"),
            codes=MappingProxyType({claim: _words(table, "codes") for claim, table in codes.items()}),
        )

    def of(self, vocabulary: Vocabulary) -> Vocabulary:
        """The same vocabulary with its labels in this language; a code without a word here keeps the English."""
        groups = {code: self.groups.get(code, english) for code, english in vocabulary.groups.items()}
        named = {english: groups[code] for code, english in vocabulary.groups.items()}
        subjects = tuple(self._subject(subject, named[subject.group]) for subject in vocabulary.subjects)
        called = {
            code: replace(one, label=self.descriptors.get(code, one.label))
            for code, one in vocabulary.descriptors.items()
        }
        return replace(
            vocabulary,
            groups=MappingProxyType(groups),
            subjects=subjects,
            descriptors=MappingProxyType(called),
        )

    def _subject(self, subject: Subject, group: str) -> Subject:
        words = self.codes.get(subject.code, {})
        codes = {code: words.get(code, english) for code, english in subject.codes.items()}
        label = self.subjects.get(subject.code, subject.label)
        return replace(subject, label=label, group=group, codes=MappingProxyType(codes))


def _words(table: object, name: str) -> Mapping[str, str]:
    if not isinstance(table, dict):
        raise Invalid('The labels: "%(member)s" must be a table of labels by code.', member=name)
    for label in table.values():
        if not isinstance(label, str) or not 0 < len(label.strip()) <= LONGEST_LABEL:
            raise Invalid(
                'The labels: each of "%(member)s" must be text of at most %(most)d characters.',
                member=name,
                most=LONGEST_LABEL,
            )
    return MappingProxyType(table)
