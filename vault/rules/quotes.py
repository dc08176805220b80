"""Quotes: a witness's own words, what the witness is called, and what the words assert; entry by entry.

**Proposed and decided.** A reviewer who reads the testimony proposes a quote; another, who need not read it, upholds or
rejects it. Nobody decides on their own.

**Descriptor.** A witness is called by one descriptor, for ever, whoever they turn out to be the same person as. It is
the narrowest of its ladder of which enough people are said to be: as many as a claim's pool needs, with all who are
called so on the incident counted. What was too narrow is written nowhere. How many there are is stated with the quote,
and confirmed by whoever upholds it.

**Words.** The witness allows verbatim use, stands behind the newest figures as they were counted, and perceived
directly all that the words assert. Every claim that they assert passes the gates of the exact form (`disclosure`): a
quote is a statement that says "at least this one". All its claims lie within one another, or it would say that one
person stands in both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from vault.errors import N_, Invalid
from vault.rules import disclosure
from vault.rules.assessments import Decision
from vault.rules.circumstances import Band, Circumstances
from vault.rules.consent import Use
from vault.rules.descriptors import ladder
from vault.rules.disclosure import NOT_NOW, Form, Gate, Line, Policy, Refusal
from vault.rules.fields import Fields
from vault.rules.nesting import nested
from vault.rules.sheets import Cell, Sheet
from vault.rules.vocabulary import Value, Vocabulary, value_to_json

LONGEST_QUOTE = 600
MOST_CLAIMS = 10
_CODE = 80
Claim = tuple[str, Value]

_NOT_DIRECT = Refusal(
    Gate.FORM, None, N_("The words assert what this witness did not perceive directly: choose other words.")
)
_CALLED_OTHERWISE = Refusal(
    Gate.FORM, None, N_("This witness is called otherwise in another quote: keep to what they were called.")
)
_APART = Refusal(
    Gate.FORM, None, N_("These claims do not lie within one another: quote the witness on one of them.")
)
_TOO_NARROW = Refusal(
    Gate.POOL, None, N_("Too few people there can be called so: choose a wider descriptor, or quote nobody.")
)


class Act(StrEnum):
    """What an entry does."""

    QUOTE = "quote"
    DECISION = "decision"


@dataclass(frozen=True)
class Quote:
    """Words of one deposit of a witness on an incident, the claims that they assert, what the witness is called, and
    about how many people there could be called so. `record` is the one whose key the words are locked under: where that
    was withdrawn, they are blank."""

    witness: str
    deposit: str
    record: str
    incident: str
    words: str
    claims: tuple[Claim, ...]
    descriptor: str
    band: Band

    @classmethod
    def from_json(cls, raw: object, vocabulary: Vocabulary) -> "Quote":
        """Reads the JSON form; raises Invalid."""
        known = ("witness", "deposit", "record", "incident", "words", "claims", "descriptor", "band")
        fields = Fields(raw, "A quote", known)
        claims = tuple(_claim(one, vocabulary) for one in fields.items("claims", MOST_CLAIMS))
        if not claims or len(set(claims)) != len(claims):
            raise Invalid("Choose what the words assert: at least one claim, each once.", "claims")
        descriptor = fields.text("descriptor", _CODE)
        ladder(vocabulary.descriptors, descriptor)
        return cls(
            witness=fields.text("witness", _CODE),
            deposit=fields.text("deposit", _CODE),
            record=fields.text("record", _CODE),
            incident=fields.text("incident", _CODE),
            words=fields.text("words", LONGEST_QUOTE),
            claims=claims,
            descriptor=descriptor,
            band=fields.choice("band", Band),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 8.6)."""
        claims = [{"subject": subject, "value": value_to_json(value)} for subject, value in self.claims]
        return {
            "witness": self.witness,
            "deposit": self.deposit,
            "record": self.record,
            "incident": self.incident,
            "words": self.words,
            "claims": claims,
            "descriptor": self.descriptor,
            "band": str(self.band),
        }

    def asserts(self, vocabulary: Vocabulary) -> frozenset[Claim]:
        """The claims, and what they entail."""
        entailed = ((above, "yes") for subject, _ in self.claims for above in vocabulary.ancestors(subject))
        return frozenset((*self.claims, *entailed))


@dataclass(frozen=True)
class Entry:
    """One entry of a case's ledger of quotes: by what it is called, who wrote it, and what it says."""

    name: str
    author: str
    said: Quote | Decision


@dataclass(frozen=True)
class Proposed:
    """A quote and, once it was taken, the decision on it, each with who wrote it."""

    name: str
    author: str
    quote: Quote
    decider: str | None = None
    decision: Decision | None = None

    @property
    def upheld(self) -> bool:
        """Whether another reviewer upheld it."""
        return self.decision is not None and self.decision.upheld


@dataclass
class Standing:
    """What of a ledger stands: every quote in its order."""

    proposed: dict[str, Proposed] = field(default_factory=dict)

    def called(self, person: frozenset[str]) -> frozenset[str]:
        """By what a person, under any of these tags, was called in quotes that were upheld."""
        return frozenset(one.descriptor for one in self._upheld if one.witness in person)

    def alike(self, incident: str, descriptor: str, but: frozenset[str]) -> int:
        """How many others are called so on an incident."""
        others = {
            one.witness
            for one in self._upheld
            if (one.incident, one.descriptor) == (incident, descriptor) and one.witness not in but
        }
        return len(others)

    @property
    def _upheld(self) -> list[Quote]:
        return [one.quote for one in self.proposed.values() if one.upheld]


@dataclass(frozen=True)
class Speaker:
    """What stands of a witness today: what they allow, and perceived directly, on the incident; by what they were
    called; how many others there are called as they shall be."""

    uses: frozenset[str]
    direct: frozenset[Claim]
    called: frozenset[str] = frozenset()
    alike: int = 0


def standing(entries: Iterable[Entry]) -> Standing:
    """What stands of a ledger, oldest entry first. Raises Invalid for a decision that nobody was free to take."""
    found = Standing()
    for entry in entries:
        if isinstance(entry.said, Quote):
            found.proposed[entry.name] = Proposed(entry.name, entry.author, entry.said)
        else:
            _decide(found, entry.author, entry.said)
    return found


def _decide(found: Standing, author: str, decision: Decision) -> None:
    proposed = found.proposed.get(decision.motion)
    if proposed is None:
        raise Invalid("There is no such quote.")
    if proposed.decision is not None:
        raise Invalid("This quote was decided on already.")
    if proposed.author == author:
        raise Invalid("Somebody else decides on what you proposed.")
    quote = proposed.quote
    if decision.upheld and found.called(frozenset({quote.witness})) - {quote.descriptor}:
        raise Invalid(_CALLED_OTHERWISE.cure)
    found.proposed[proposed.name] = replace(proposed, decider=author, decision=decision)


def generalised(
    vocabulary: Vocabulary, wished: str, bands: dict[str, Band], alike: dict[str, int], policy: Policy
) -> str:
    """The narrowest descriptor from the wished one upwards that points at nobody; raises Invalid when all do."""
    for code in ladder(vocabulary.descriptors, wished):
        if code in bands and _hides(bands[code], alike.get(code, 0) + 1, policy):
            return code
    raise Invalid(_TOO_NARROW.cure, "descriptor")


def refusals(quote: Quote, speaker: Speaker, vocabulary: Vocabulary, policy: Policy) -> tuple[Refusal, ...]:
    """Every gate of the words and the descriptor that is shut. Beside "not now" none is named: it would say whose."""
    if Use.VERBATIM not in speaker.uses:
        return (NOT_NOW,)
    gates = (
        (_NOT_DIRECT, quote.asserts(vocabulary) <= speaker.direct),
        (_CALLED_OTHERWISE, speaker.called <= {quote.descriptor}),
        (_TOO_NARROW, _hides(quote.band, speaker.alike + 1, policy)),
    )
    return tuple(refusal for refusal, is_open in gates if not is_open)


def lines(sheet: Sheet, quote: Quote, vocabulary: Vocabulary, policy: Policy) -> tuple[Line, ...]:
    """What a statement of the exact form would say with these words: under the claim that counts most people, all that
    they assert."""
    direct = [cell for cell in sheet.figures if cell.column == "direct"]
    widest = sorted(direct, key=lambda cell: -len(sheet.figure(cell).groups))[:1]
    asserted = (Cell(subject, value, "direct") for subject, value in quote.asserts(vocabulary))
    return disclosure.lines(sheet, nested(sheet, [*widest, *asserted], Form.EXACT), Form.EXACT, policy)


def shut(
    sheet: Sheet, said: Sequence[Line], circumstances: Circumstances, policy: Policy, today: date
) -> tuple[Refusal, ...]:
    """Every gate of the exact form that is shut for the lines of a quote."""
    chain = all(line.within == place - 1 for place, line in enumerate(said) if place)
    found = disclosure.refusals(sheet, said, circumstances, policy, today)
    return found if chain else (_APART, *found)


def placed(quote: Quote, said: Sequence[Line]) -> tuple[int, ...]:
    """Which lines of a statement say what a quote claims; none unless all are exact and lie within one another."""
    direct = {
        (line.cell.subject, line.cell.value): place
        for place, line in enumerate(said)
        if line.exactly and line.cell.column == "direct"
    }
    places = sorted(direct[claim] for claim in quote.claims if claim in direct)
    whole = len(places) == len(quote.claims)
    return tuple(places) if whole and all(_inside(said, *pair) for pair in pairwise(places)) else ()


def _inside(said: Sequence[Line], outer: int, inner: int) -> bool:
    """Whether the statement says that all whom one line counts are among those of an earlier one."""
    around = said[inner].within
    while around is not None and around > outer:
        around = said[around].within
    return around == outer


def from_json(act: object, raw: object, vocabulary: Vocabulary | None) -> Quote | Decision:
    """What an entry says; raises Invalid."""
    if act == Act.QUOTE and vocabulary is not None:
        return Quote.from_json(raw, vocabulary)
    if act == Act.DECISION:
        return Decision.from_json(raw)
    raise Invalid("An entry is a quote or a decision.")


def _claim(raw: object, vocabulary: Vocabulary) -> Claim:
    fields = Fields(raw, "A claim of a quote", ("subject", "value"))
    subject = fields.text("subject", _CODE)
    return subject, vocabulary.check_value(subject, fields.value("value"))


def _hides(band: Band, count: int, policy: Policy) -> bool:
    return band.least >= policy.pool and 100 * count <= policy.share * band.least
