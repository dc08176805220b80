"""What is printed of a rebuttal sheet, in one language: the same words for the page and the PDF.

Everything is written from the sheet, and from the published statements whose lines it names: their numbers stand
nowhere else. Words that are not in the language that is asked for say in which they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from vault import drawn
from vault.errors import Invalid
from vault.leaflets import nearest, runs, title_of
from vault.rules.answers import Document, Kind, check
from vault.rules.points import Kind as Does
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording, sentence_alone
from vault.sealing.digests import b64, document_digest, unb64
from vault.sealing.statements import Statement
from vault.shown import Picture

_SHORT = 8


@dataclass(frozen=True)
class Text:
    """Words, in which language, and how they run (rtl or ltr)."""

    words: str
    language: str
    direction: str


@dataclass(frozen=True)
class Material:
    """What a sheet is printed with: its statements by digest with the vocabulary of each, pictures by their SHA-256."""

    statements: Mapping[str, tuple[Statement, Vocabulary]]
    pictures: Mapping[str, Picture]

    @classmethod
    def of(
        cls,
        statements: Mapping[str, Statement],
        pictures: Mapping[str, Picture],
        known: Mapping[str, Vocabulary],
    ) -> Material:
        """With the vocabularies by their names, in the words of the language that is asked for."""
        named = {digest: (one, known[one.document["vocabulary"]]) for digest, one in statements.items()}
        return cls(named, pictures)


@dataclass(frozen=True)
class Answer:
    """One answer: of which kind, what it is, the words, the dots of a number, a picture, where it can be checked."""

    kind: str
    label: str
    said: Text
    dots: str = ""
    image: Picture | None = None
    reference: str = ""


@dataclass(frozen=True)
class Point:
    """What was said, what that does, and what answers it."""

    said: Text
    does: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Reference:
    """A statement, by the letter that stands for it here, or a file: what it is, more on it, its whole digest."""

    letter: str
    about: Text
    more: str
    digest: str


@dataclass(frozen=True)
class Answering:
    """Everything that is printed; `words` are headings, `code` is the sheet's digest as a QR code in SVG."""

    language: str
    direction: str
    title: str
    title_language: str
    month: str
    draft: bool
    who: str
    when: str
    where: str
    points: tuple[Point, ...]
    counted: bool
    statements: tuple[Reference, ...]
    files: tuple[Reference, ...]
    digest: str
    code: str
    note: str
    words: dict[str, str]


def answering(sheet: Document, material: Material, wording: Wording, draft: bool) -> Answering:
    """What is printed of a sheet; the vocabularies' labels are in the wording's language.

    Raises Invalid for another form, or where a statement that it names is not given.
    """
    page = _Page(check(sheet), material, wording)
    title, language = title_of(sheet["about"], wording.language)
    points = tuple(map(page.point, sheet["points"]))
    return Answering(
        language=wording.language,
        direction=wording.direction,
        title=title,
        title_language=language,
        month=wording.month(sheet["month"]),
        draft=draft,
        who=sheet["response"]["who"],
        when=wording.when(sheet["response"]["said"]),
        where=sheet["response"]["where"],
        points=points,
        counted=bool(page.cited),
        statements=page.statements,
        files=page.files,
        digest=digest_of(sheet),
        code=drawn.code(digest_of(sheet)),
        note="" if wording.reviewed else wording.page["unreviewed"],
        words={**wording.page, **wording.rebuttal},
    )


def each(answers: Sequence[Document], material: Material, wording: Wording) -> tuple[Answer, ...]:
    """Answers in words, before anybody chose among them. Raises as `answering`."""
    page = _Page({"points": [{"answers": answers}]}, material, wording)
    return tuple(map(page.answer, answers))


def digest_of(sheet: Document) -> str:
    """By what a sheet is called; signatures are no part of it."""
    return b64(document_digest(dict(sheet)))


class _Page:
    """A sheet in the words of one language."""

    def __init__(self, sheet: Document, material: Material, wording: Wording) -> None:
        self._material, self._wording = material, wording
        self._answers = [answer for point in sheet["points"] for answer in point["answers"]]
        self.cited = list(dict.fromkeys(one["statement"] for one in self._answers if "statement" in one))
        if not set(self.cited) <= set(material.statements):
            raise Invalid("A statement that this sheet names is not there: it cannot be printed.")

    @property
    def statements(self) -> tuple[Reference, ...]:
        """The statements that are named, each by a letter."""
        found = []
        for digest in self.cited:
            document = self._material.statements[digest][0].document
            month = self._wording.month(document["month"])
            title, language = title_of(document["about"], self._wording.language)
            about = Text(title, language, runs(title))
            found.append(Reference(self._letter(digest), about, month, digest))
        return tuple(found)

    @property
    def files(self) -> tuple[Reference, ...]:
        """The files that are named, originals and pictures that are shown, by their SHA-256 as programs write it."""
        called = {"sha256": self._wording.rebuttal["original"], "picture": self._wording.rebuttal["shown"]}
        named = {
            _hex(one[name]): (self._text(one["text"]), more)
            for one in self._answers
            for name, more in called.items()
            if one.get(name)
        }
        return tuple(Reference("", *about, digest) for digest, about in named.items())

    def point(self, point: Document) -> Point:
        """A point with its answers; a demand for sources is answered by what is sealed, too."""
        answers = tuple(map(self.answer, point["answers"]))
        if not answers or point["kind"] == Does.DEMANDS:
            words = self._wording.rebuttal
            answers = (*answers, Answer("sealed", words["witnesses"], self._own(words["sealed_here"])))
        return Point(self._text(point["words"]), self._wording.codes["points"][point["kind"]], answers)

    def answer(self, answer: Document) -> Answer:
        """One answer in words."""
        match answer["kind"]:
            case Kind.STATEMENT:
                return self._line(answer)
            case Kind.EVIDENCE:
                return self._evidence(answer)
            case Kind.OPINION:
                return self._opinion(answer)
            case Kind.RESPONSE:
                return self._response(answer)
            case Kind.REPLY:
                return self._reply(answer)
        return self._finding(answer)

    def _line(self, answer: Document) -> Answer:
        statement, vocabulary = self._material.statements[answer["statement"]]
        at, lines, words = answer["line"], statement.lines, self._wording.rebuttal
        if at >= len(lines):
            raise Invalid("A statement that this sheet names has no such line: it cannot be printed.")
        said = sentence_alone(statement.document, at, vocabulary, self._wording)
        _, dots = drawn.figure(lines, at, statement.policy["ladder"])
        month = self._wording.month(statement.document["month"])
        letter = self._letter(answer["statement"])
        named = words["statement"].format(letter=letter, month=month, line=at + 1)
        short = f"{named} · {_apart(answer['statement'][:_SHORT])}"
        return Answer("statement", words["witnesses"], self._own(said), dots=dots, reference=short)

    def _evidence(self, answer: Document) -> Answer:
        shown = self._material.pictures.get(answer["picture"] or "")
        return Answer(
            kind="evidence",
            label=self._wording.codes["evidence"][answer["evidence"]],
            said=self._text(answer["text"]),
            image=shown,
            reference=_apart(f"SHA-256 {_hex(answer['sha256'])[:_SHORT]}") if answer["sha256"] else "",
        )

    def _opinion(self, answer: Document) -> Answer:
        codes = self._wording.codes
        label = f"{codes['experts'][answer['field']]}: {codes['answers'][answer['answer']]}"
        return Answer("opinion", label, self._text(answer["text"]))

    def _response(self, answer: Document) -> Answer:
        does = self._wording.codes["points"][answer["as"]]
        said = (answer["who"], self._wording.when(answer["said"]), answer["where"])
        named = " · ".join((does, *map(_as_it_runs, said)))
        return Answer(
            "response", self._wording.rebuttal["also"], self._text(answer["words"]), reference=named
        )

    def _reply(self, answer: Document) -> Answer:
        codes, words = self._wording.codes, self._wording.rebuttal
        asked = codes["ways"][answer["how"]].format(day=self._wording.when(answer["day"]))
        came = codes["returns"][answer["came"]] if answer["came"] else words["no_answer"]
        return Answer("reply", words["asked"], self._own(f"{asked} {came}"))

    def _finding(self, answer: Document) -> Answer:
        likely = self._wording.codes["likelihoods"][answer["likelihood"]]
        label = f"{self._wording.rebuttal['finding']}: {likely}"
        return Answer("finding", label, self._text(answer["proposition"]))

    def _letter(self, digest: str) -> str:
        at = self.cited.index(digest)
        return ascii_uppercase[at % len(ascii_uppercase)] * (at // len(ascii_uppercase) + 1)

    def _own(self, words: str) -> Text:
        return Text(words, self._wording.language, self._wording.direction)

    def _text(self, texts: Mapping[str, str]) -> Text:
        language = nearest(texts, self._wording.language)
        return Text(texts[language], language, runs(texts[language]))


def _hex(digest: str) -> str:
    return unb64(digest, 32).hex()


def _apart(digest: str) -> str:
    """The beginning of a digest, that runs from left to right in any text."""
    return f"\u2066{digest}…\u2069"


def _as_it_runs(text: str) -> str:
    """Words of another language, that disturb the order of none around them (U+2068 … U+2069)."""
    return f"\u2068{text}\u2069"
