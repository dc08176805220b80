"""What reviewers decide about sources and links, entry by entry, and what of it stands.

**Rating.** Any reviewer who may count can rate a source on an incident; the newest rating stands. It moves no figure.

**Motion and decision.** What moves figures takes two. One reviewer moves, with a reason, that a link between two
witnesses be settled (that it does not hold, or that it does), or that a source be set aside as not credible, or count
again. Another reviewer upholds the motion or rejects it, with a reason. Nobody decides on their own motion. Of motions
about the same thing the one that was upheld last stands; a rejected one changes nothing.

**Around the figures.** In the same way two reviewers say about how many people could have perceived something, and how
many people the team met, whatever they said. That moves no figure: it decides what may be said of one outside.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum

from vault.errors import Invalid
from vault.rules.circumstances import Band, Circumstances
from vault.rules.credibility import Excluded, Information, Rating, Reliability
from vault.rules.dependence import LinkKind, Settlement
from vault.rules.fields import Fields
from vault.rules.sheets import Cell

LONGEST_REASON = 2_000
_CODE = 80
_PAIR = 2
_MOST_MET = 1_000_000


class Act(StrEnum):
    """What an entry does."""

    RATING = "rating"
    MOTION = "motion"
    DECISION = "decision"


@dataclass(frozen=True)
class Exclusion:
    """That a source does not count on an incident, and why; None: that it counts again."""

    witness: str
    incident: str
    why: Excluded | None


@dataclass(frozen=True)
class Pool:
    """About how many people could have perceived what a subject speaks of."""

    incident: str
    subject: str
    band: Band


@dataclass(frozen=True)
class Contacts:
    """How many of those who could have perceived an incident the team met, whatever they said: a tally, no names.

    It is of the figures that an edition counted: from the statement before, or the incident, until that was cut.
    `lately` are those of them whom it met after the edition before was cut.
    """

    incident: str
    edition: int
    tally: int
    lately: int


About = Settlement | Exclusion | Pool | Contacts


@dataclass(frozen=True)
class Motion:
    """What one reviewer moves, and why."""

    about: About
    reason: str

    @property
    def target(self) -> tuple[object, ...]:
        """What it speaks of, whichever way it would settle it."""
        found = self.about
        if isinstance(found, Exclusion):
            return found.incident, found.witness
        if isinstance(found, Pool):
            return "pool", found.incident, found.subject
        if isinstance(found, Contacts):
            return "contacts", found.incident
        pair = (found.one, found.other) if found.about else tuple(sorted((found.one, found.other)))
        return found.kind, *pair, found.about


@dataclass(frozen=True)
class Decision:
    """What another reviewer made of a motion, and why."""

    motion: str
    upheld: bool
    reason: str

    @classmethod
    def from_json(cls, raw: object) -> "Decision":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A decision", ("motion", "upheld", "reason"))
        said = reason(fields.text("reason", LONGEST_REASON))
        return cls(fields.text("motion", _CODE), fields.flag("upheld"), said)


@dataclass(frozen=True)
class Entry:
    """One entry of a case's log: by what it is called, who wrote it, and what it says."""

    name: str
    author: str
    said: Rating | Motion | Decision


@dataclass(frozen=True)
class Moved:
    """A motion and, once it was taken, the decision on it, each with who wrote it."""

    name: str
    author: str
    motion: Motion
    decider: str | None = None
    decision: Decision | None = None


@dataclass
class Standing:
    """What of a log stands: ratings by incident and witness, motions in their order."""

    ratings: dict[tuple[str, str], Rating] = field(default_factory=dict)
    moved: dict[str, Moved] = field(default_factory=dict)
    upheld: dict[tuple[object, ...], Motion] = field(default_factory=dict)

    @property
    def settled(self) -> frozenset[Settlement]:
        """The links that were settled."""
        return frozenset(one.about for one in self.upheld.values() if isinstance(one.about, Settlement))

    @property
    def rated(self) -> frozenset[Rating]:
        """Every rating, with the exclusions in it."""
        found = dict(self.ratings)
        for motion in self.upheld.values():
            if isinstance(motion.about, Exclusion):
                about = motion.about
                rating = found.get((about.incident, about.witness), Rating(about.witness, about.incident))
                found[about.incident, about.witness] = replace(
                    rating, excluded=about.why, reason=motion.reason
                )
        return frozenset(found.values())

    def circumstances(
        self,
        incident: str,
        edition: int,
        published: Mapping[Cell, int] | None = None,
        days: Sequence[date] = (),
    ) -> Circumstances:
        """What two signed around the figures that an edition counted, beside what was published of the incident."""
        about = [motion.about for motion in self.upheld.values()]
        pools = {one.subject: one.band for one in about if isinstance(one, Pool) and one.incident == incident}
        met = (one for one in about if isinstance(one, Contacts) and one.incident == incident)
        of_these = next((one for one in met if one.edition == edition), None)
        tally, lately = (of_these.tally, of_these.lately) if of_these else (None, None)
        return Circumstances(pools, tally, lately, published=published or {}, days=days)


def standing(entries: Iterable[Entry]) -> Standing:
    """What stands of a log, oldest entry first. Raises Invalid for a decision that nobody was free to take."""
    found = Standing()
    for entry in entries:
        match entry.said:
            case Rating() as rating:
                found.ratings[rating.incident, rating.witness] = rating
            case Motion() as motion:
                found.moved[entry.name] = Moved(entry.name, entry.author, motion)
            case decision:
                _decide(found, entry.author, decision)
    return found


def _decide(found: Standing, author: str, decision: Decision) -> None:
    moved = found.moved.get(decision.motion)
    if moved is None:
        raise Invalid("There is no such motion.")
    if moved.decision is not None:
        raise Invalid("This motion was decided already: move the contrary, with a reason.")
    if moved.author == author:
        raise Invalid("Somebody else decides on what you moved.")
    found.moved[moved.name] = replace(moved, decider=author, decision=decision)
    if decision.upheld:
        found.upheld[moved.motion.target] = moved.motion


def contrary(motion: Motion, why: str) -> Motion:
    """The motion that would undo this one. Raises Invalid where there is none."""
    if isinstance(motion.about, Settlement):
        return Motion(replace(motion.about, dependent=not motion.about.dependent), why)
    if not isinstance(motion.about, Exclusion):
        raise Invalid("To say another number, move that one, with the reason for it.")
    if motion.about.why is None:
        raise Invalid("To set a source aside again, move it with the reason that the edition will say.")
    return Motion(replace(motion.about, why=None), why)


def from_json(act: object, raw: object) -> Rating | Motion | Decision:
    """What an entry says; raises Invalid."""
    match act:
        case Act.RATING:
            fields = Fields(raw, "A rating", ("witness", "incident", "reliability", "information"))
            return Rating(
                witness=fields.text("witness", _CODE),
                incident=fields.text("incident", _CODE),
                reliability=fields.choice("reliability", Reliability),
                information=fields.choice("information", Information),
            )
        case Act.MOTION:
            return _motion(Fields(raw, "A motion", (*_READ, "reason")))
        case Act.DECISION:
            return Decision.from_json(raw)
    raise Invalid("An entry is a rating, a motion or a decision.")


def to_json(said: Rating | Motion | Decision) -> tuple[Act, dict[str, object]]:
    """An entry's act and content as FORMATS 8.3 has them."""
    if isinstance(said, Rating):
        grade = {"reliability": str(said.reliability), "information": str(said.information)}
        return Act.RATING, {"witness": said.witness, "incident": said.incident, **grade}
    if isinstance(said, Decision):
        return Act.DECISION, asdict(said)
    if isinstance(said.about, Settlement):
        return Act.MOTION, {"settlement": said.about.to_json(), "reason": said.reason}
    if isinstance(said.about, Pool):
        pool = {**asdict(said.about), "band": str(said.about.band)}
        return Act.MOTION, {"pool": pool, "reason": said.reason}
    if isinstance(said.about, Contacts):
        return Act.MOTION, {"contacts": asdict(said.about), "reason": said.reason}
    about = {"witness": said.about.witness, "incident": said.about.incident, "excluded": said.about.why}
    return Act.MOTION, {"exclusion": about, "reason": said.reason}


def reason(text: str) -> str:
    """Raises Invalid for none."""
    if not text.strip():
        raise Invalid("Say why: whoever decides, and whoever reads it later, needs the reason.")
    return text


def _motion(fields: Fields) -> Motion:
    named = [name for name in _READ if name in fields]
    if len(named) != 1:
        raise Invalid("A motion is about one thing: a link, a source, a pool or the contacts.")
    return Motion(_READ[named[0]](fields.value(named[0])), reason(fields.text("reason", LONGEST_REASON)))


def _pool(raw: object) -> Pool:
    fields = Fields(raw, "A pool", ("incident", "subject", "band"))
    return Pool(fields.text("incident", _CODE), fields.text("subject", _CODE), fields.choice("band", Band))


def _contacts(raw: object) -> Contacts:
    fields = Fields(raw, "Contacts", ("incident", "edition", "tally", "lately"))
    tally, lately = fields.whole("tally"), fields.whole("lately")
    if not 0 <= lately <= tally <= _MOST_MET:
        raise fields.fault("tally", 'how many people the team met, and "lately" how many of them, from 0 on')
    return Contacts(fields.text("incident", _CODE), fields.whole("edition"), tally, lately)


def _settlement(raw: object) -> Settlement:
    fields = Fields(raw, "A settled link", ("kind", "witnesses", "dependent", "about"))
    pair, about = fields.distinct("witnesses", _PAIR), fields.distinct("about", _PAIR)
    if len(pair) != _PAIR or len(about) not in (0, _PAIR):
        raise Invalid("A link is settled between two witnesses, and of an account's origin for one claim.")
    return Settlement(
        kind=fields.choice("kind", LinkKind),
        one=pair[0],
        other=pair[1],
        dependent=fields.flag("dependent"),
        about=(about[0], about[1]) if about else None,
    )


def _exclusion(raw: object) -> Exclusion:
    fields = Fields(raw, "An exclusion", ("witness", "incident", "excluded"))
    why = None if fields.value("excluded") is None else fields.choice("excluded", Excluded)
    return Exclusion(fields.text("witness", _CODE), fields.text("incident", _CODE), why)


_READ: Mapping[str, Callable[[object], About]] = {
    "settlement": _settlement,
    "exclusion": _exclusion,
    "pool": _pool,
    "contacts": _contacts,
}
