"""Whether two match records speak of one person, however their names were written down.

A name comes in whatever script, as somebody heard it. It is compared by its **skeleton**: the words in Latin letters,
without vowels, doubled letters and what scribes write differently (kh and h, q and k, v and w), titles and articles.
Everything else (year of birth, place, last digits of a telephone) can only confirm or contradict.

Being wrong costs differently: two persons taken for one lower a count, one taken for two raises it. So only what
leaves nothing open is settled here; whatever may be one person is left to two custodians who look at it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

from vault.errors import Invalid
from vault.rules.fields import Fields

LONGEST = 200
LONGEST_PHONE = 12
ALIKE = 0.9  # as the same name, written by two people
SIMILAR = 0.84  # near enough that somebody should look
YEARS_APART = 3  # a year of birth is often a guess: further apart than this is a contradiction
_MEMBERS = ("name", "birth_from", "birth_to", "place", "phone")
_SOUNDS = (
    (re.compile(r"^(abd|abed)([aeiu][lrsn])?(?=[a-z]{3})"), ""),
    (re.compile(r"^al(?=[a-z]{3})"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"shch|sch|tsh|ch|sh|zh|ts|z"), "s"),
    (re.compile(r"kh"), "h"),
    (re.compile(r"gh|dj|[gqcj]"), "k"),
    (re.compile(r"th|dh|d"), "t"),
    (re.compile(r"ph|[bpv]"), "f"),
    (re.compile(r"^[aeiouy]+"), "a"),
    (re.compile(r"(?<=.)[aeiouywh]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_ARABIC = str.maketrans("\u0627\u0639", "aa")  # alef and ain, of which a transliteration makes no letter
_PARTICLE = re.compile(r"al|el|ul|as|ar|ad|an|abd|abu|abw|bu|umm|bin|ben|ibn|bint")


class Verdict(StrEnum):
    """What two match records say of each other."""

    SAME = "same"
    DOUBTFUL = "doubtful"
    DIFFERENT = "different"


@dataclass(frozen=True)
class MatchRecord:
    """What is kept to tell whether somebody was interviewed twice: no more than that takes."""

    name: str
    birth: tuple[int, int] | None
    place: str
    phone: str

    @classmethod
    def parse(cls, raw: object) -> "MatchRecord":
        """Reads the JSON form; raises Invalid for one that names nobody."""
        fields = Fields(raw, "The match record", _MEMBERS)
        years = (fields.value("birth_from"), fields.value("birth_to"))
        birth = None if years == (None, None) else (fields.whole("birth_from"), fields.whole("birth_to"))
        record = cls(
            name=fields.text("name", LONGEST),
            birth=birth,
            place=fields.text("place", LONGEST, ""),
            phone=fields.text("phone", LONGEST_PHONE, ""),
        )
        if not record.name.strip():
            raise Invalid(
                "A match record needs the name, as it sounds; leave the record out where nobody knows it."
            )
        if birth is not None and not 1850 <= birth[0] <= birth[1] <= 2100:
            raise Invalid("A match record has years of birth such as 1970 to 1975, the earlier one first.")
        return record

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        first, last = self.birth or (None, None)
        years = {"birth_from": first, "birth_to": last}
        return {"name": self.name, **years, "place": self.place, "phone": self.phone}


def compare(one: MatchRecord, other: MatchRecord) -> Verdict:
    """Whether two records are of one person; the order does not matter."""
    alike = likeness(one.name, other.name)
    phone = _agree(_digits(one.phone), _digits(other.phone))
    born = None if one.birth is None or other.birth is None else _gap(one.birth, other.birth) <= YEARS_APART
    if alike >= ALIKE and phone and born is not False:
        return Verdict.SAME
    beside = phone or born or likeness(one.place, other.place) >= ALIKE
    if phone or (born is not False and alike >= (SIMILAR if beside else ALIKE)):
        return Verdict.DOUBTFUL
    return Verdict.DIFFERENT


def pairs(records: Mapping[str, MatchRecord]) -> Iterator[tuple[Verdict, str, str]]:
    """Every two records of which more than nothing is to be said, by handle."""
    for one, other in combinations(sorted(records), 2):
        verdict = compare(records[one], records[other])
        if verdict is not Verdict.DIFFERENT:
            yield verdict, one, other


def likeness(one: str, other: str) -> float:
    """How alike two names sound, 0 to 1: each word of the shorter one beside the likest of the longer."""
    short, long = sorted((skeleton(one), skeleton(other)), key=lambda words: (len(words), words))
    if not short:
        return 0.0
    best = [max(JaroWinkler.similarity(word, beside) for beside in long) for word in short]
    # one word in common is little evidence: a first name alone is like thousands
    return sum(best) / len(best) if len(short) > 1 or len(long) == 1 else min(best[0], SIMILAR)


def skeleton(name: str) -> tuple[str, ...]:
    """The words of a name as they sound, in ascending order, without particles."""
    # what stands above or below a letter is left out of most handwriting
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    found = set()
    for word in re.split(r"[\s\-,.]+", bare):
        plain = re.sub(r"[^a-z]", "", anyascii(word.translate(_ARABIC)).lower())
        if not _PARTICLE.fullmatch(plain):
            for pattern, sound in _SOUNDS:
                plain = pattern.sub(sound, plain)
            found.add(plain)
    return tuple(sorted(found - {""}))


def _digits(phone: str) -> str:
    return "".join(
        str(unicodedata.decimal(sign)) for sign in phone if unicodedata.decimal(sign, None) is not None
    )


def _agree(one: str, other: str) -> bool | None:
    """Whether the digits at the end are the same; None where one of the two has too few to tell."""
    shared = min(len(one), len(other))
    return None if shared < 3 else one[-shared:] == other[-shared:]


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1], 0)
