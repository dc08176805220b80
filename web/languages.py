"""In whose words claims are shown: those of the interface, unless the reader chose others by `labels=ar`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import Flask, current_app, request

from vault.rules.labels import Labels
from vault.rules.vocabulary import Range, Value, Vocabulary
from web.locales import language


def begin(app: Flask) -> None:
    """Let refusals name claims by their labels in each language; they come with the English ones."""
    known: Collection[Vocabulary] = app.extensions["vault"].vocabularies.values()
    app.extensions["claims"] = {
        code: {
            english.label: here.label
            for vocabulary in known
            for english, here in zip(vocabulary.subjects, labels.of(vocabulary).subjects, strict=True)
        }
        for code, labels in app.extensions["labels"].items()
    }


@dataclass(frozen=True)
class Languages:
    """The languages that there are labels in, and the one that was chosen; None: English."""

    offered: Mapping[str, Labels]
    chosen: Labels | None

    @property
    def code(self) -> str:
        """The language of the claims, for `lang`."""
        return "en" if self.chosen is None else self.chosen.language

    @property
    def kept(self) -> str | None:
        """What an address says of it where it is not the interface's: `url_for(…, labels=languages.kept)`."""
        return None if self.code == language() else self.code

    def of(self, vocabulary: Vocabulary) -> Vocabulary:
        """The vocabulary in the chosen words."""
        return vocabulary if self.chosen is None else self.chosen.of(vocabulary)

    def claim(self, vocabulary: Vocabulary, subject: str, value: Value) -> str:
        """A claim with its value, of a vocabulary in the chosen words."""
        label = vocabulary.subject(subject).label
        return label if value == "yes" else f"{label}: {self.value(vocabulary, subject, value)}"

    def value(self, vocabulary: Vocabulary, subject: str, value: Value) -> str:
        """A value of a vocabulary in the chosen words; a range in figures alone where they are not English."""
        if self.chosen is not None and isinstance(value, Range):
            return f"{value.min:,}\u2013{value.max:,}"
        return vocabulary.value_label(subject, value)


def languages(before: str = "") -> Languages:
    """What this request chose, in its address or its form, else what was chosen before, else the interface's language;
    an unknown one is English."""
    offered: Mapping[str, Labels] = current_app.extensions["labels"]
    return Languages(offered, offered.get(request.values.get("labels") or before or language()))
