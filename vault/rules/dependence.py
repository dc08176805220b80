"""Who depends on whom. Whoever depends on another is no second source; this says when, and how surely.

**Strong links** make two witnesses one for counting: they are the same person; they were interviewed together; one was
present at the other's interview; they live in the same household; or the account of one stems from the other. All
who hang together by strong links count as one, even through somebody who said nothing.

**Whose account stems from another's.** Such a link holds for the claim it was told of, whatever its value, and for
claims that entail that one; nowhere else. Having listened to two people ties those two to nobody: it weighs on the
listener's own account. So among direct witnesses it links a direct witness to those from whom their account stems,
and those to theirs in turn, and not the sources of somebody who perceived nothing.

**Weak links** leave it open whether two witnesses are one source: they may be the same person, undecided; the same
person introduced them; the same researcher with the same interpreter heard them; they were shown the same pictures
beforehand. They give a range: fewer if they depend on each other, more if not.

**Settlements.** A signed decision may say of two witnesses and one kind of link whether it holds. It speaks of these
two alone: a third witness linked to both still ties them together. Where two decisions differ, the link holds.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from vault.errors import Invalid


class LinkKind(StrEnum):
    """Why two witnesses may be one source."""

    SAME_PERSON = "same_person"
    INTERVIEWED_TOGETHER = "interviewed_together"
    PRESENT = "present_at_interview"
    HOUSEHOLD = "same_household"
    ORIGIN = "origin_of_account"
    MAYBE_SAME_PERSON = "maybe_same_person"
    INTRODUCER = "same_introducer"
    INTERVIEWER = "same_interviewer_and_interpreter"
    SHOWN = "shown_the_same_before"


WEAK = frozenset({LinkKind.MAYBE_SAME_PERSON, LinkKind.INTRODUCER, LinkKind.INTERVIEWER, LinkKind.SHOWN})
ANY = frozenset(LinkKind)
STRONG = ANY - WEAK
Edge = tuple[LinkKind, str, str]


@dataclass(frozen=True)
class Tie:
    """Witnesses who are all linked to each other in one way; on one incident only, or wherever they speak."""

    kind: LinkKind
    witnesses: frozenset[str]
    incident: str | None = None


@dataclass(frozen=True)
class Told:
    """A witness whose account of a subject stems, at least in part, from another witness."""

    incident: str
    subject: str
    witness: str
    origin: str


@dataclass(frozen=True)
class Settlement:
    """What was decided of two witnesses and one kind of link; raises Invalid for one that says nothing.

    Of an account and its origin, `one` is who was told, `other` the origin, `about` the incident and subject.
    """

    kind: LinkKind
    one: str
    other: str
    dependent: bool
    about: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.one == self.other:
            raise Invalid("A link is settled between two different witnesses.")
        if (self.about is not None) != (self.kind is LinkKind.ORIGIN):
            raise Invalid(
                "The origin of an account is settled for one claim; every other link for all of them."
            )

    def to_json(self) -> dict[str, object]:
        """A canonical form; who stands first matters only for an account and its origin."""
        pair = [self.one, self.other] if self.about else sorted((self.one, self.other))
        about = list(self.about or ())
        return {"kind": str(self.kind), "witnesses": pair, "dependent": self.dependent, "about": about}


class Partition:
    """Witnesses in groups, each called by one of its members. Nobody who is not named hangs together with others."""

    def __init__(self, edges: Iterable[Edge] = (), base: "Partition | None" = None) -> None:
        self._leader: dict[str, str] = {} if base is None else dict(base._leader)
        for _, one, other in edges:
            self._leader[self.leader(one)] = self.leader(other)

    def leader(self, witness: str) -> str:
        """Who stands for the witness's group."""
        above = self._leader.setdefault(witness, witness)
        while above != witness:
            self._leader[witness] = self._leader[above]
            witness, above = above, self._leader[above]
        return witness


@dataclass(frozen=True)
class Ties:
    """All that may make the witnesses of a case depend on each other, and what was decided about it."""

    groups: frozenset[Tie] = frozenset()
    told: frozenset[Told] = frozenset()
    settled: frozenset[Settlement] = frozenset()

    def strong(self, incident: str) -> Partition:
        """Who counts as one on an incident, whatever the claim."""
        return Partition(self.own(STRONG, incident), self._strong)

    def weak(self, incident: str) -> Partition:
        """Who might count as one on an incident, by weak and strong links."""
        return Partition(self.own(ANY, incident), self._weak)

    def among(self, witnesses: Collection[str], kinds: Collection[LinkKind], incident: str) -> list[Edge]:
        """Pairs that join those of the witnesses who are linked so on an incident, and nobody else."""
        named = frozenset(witnesses)
        found = [edge for tie in self._holding(named, kinds, incident) for edge in self._of(tie, named)]
        decided = (edge for edge in self._decided if edge[0] in kinds and named.issuperset(edge[1:]))
        return sorted({*found, *decided})

    def own(self, kinds: Collection[LinkKind], incident: str | None) -> list[Edge]:
        """Pairs that join all who are linked so on this incident alone; None for the links that hold everywhere."""
        ties = (tie for tie in self._of_incident.get(incident, ()) if tie.kind in kinds)
        found = [edge for tie in ties for edge in self._of(tie)]
        return found if incident else [*found, *(edge for edge in self._decided if edge[0] in kinds)]

    def ways(self, witnesses: Iterable[str], weak: bool) -> set[Edge]:
        """Links that lead from each witness to one in whom all meet who hang together, and do so everywhere."""
        towards = self._weak_ways if weak else self._strong_ways
        found: set[Edge] = set()
        for witness in witnesses:
            step = towards.get(witness)
            while step is not None and step not in found:
                found.add(step)
                step = towards.get(step[2])
        return found

    def sources(self, incident: str, more: Iterable[Told] = ()) -> dict[str, dict[str, set[str]]]:
        """For each subject of an incident, from whom each witness's account stems; `more` is what accounts say."""
        settled = {
            Told(*decision.about, decision.one, decision.other): decision.dependent
            for decision in sorted(self.settled, key=lambda decision: decision.dependent)
            if decision.about is not None
        }
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for told in {*self.told, *more, *settled}:
            if told.incident == incident and settled.get(told, True):
                found[told.subject][told.witness].add(told.origin)
        return found

    @cached_property
    def _strong(self) -> Partition:
        return Partition(self.own(STRONG, None))

    @cached_property
    def _weak(self) -> Partition:
        return Partition(self.own(ANY, None))

    @cached_property
    def _strong_ways(self) -> Mapping[str, Edge]:
        return _ways(self.own(STRONG, None))

    @cached_property
    def _weak_ways(self) -> Mapping[str, Edge]:
        return _ways(self.own(ANY, None))

    @cached_property
    def _decided(self) -> tuple[Edge, ...]:
        """The links that a decision says hold; of accounts and their origins `sources` speaks."""
        pairs = (decision for decision in self.settled if decision.dependent and decision.about is None)
        return tuple((decision.kind, decision.one, decision.other) for decision in pairs)

    @cached_property
    def _apart(self) -> Mapping[LinkKind, set[frozenset[str]]]:
        """The pairs of which a decision says that they are not linked so; `_decided` outweighs it."""
        found = defaultdict(set)
        for decision in self.settled:
            if not decision.dependent:
                found[decision.kind].add(frozenset((decision.one, decision.other)))
        return found

    @cached_property
    def _of_incident(self) -> Mapping[str | None, list[Tie]]:
        found = defaultdict(list)
        for tie in self.groups:
            found[tie.incident].append(tie)
        return found

    @cached_property
    def _of_witness(self) -> Mapping[str, list[Tie]]:
        found = defaultdict(list)
        for tie in self.groups:
            for witness in tie.witnesses:
                found[witness].append(tie)
        return found

    def _holding(self, witnesses: Iterable[str], kinds: Collection[LinkKind], incident: str) -> Iterator[Tie]:
        """The ties of these kinds that bear on an incident and hold one of the witnesses."""
        ties = {tie for witness in witnesses for tie in self._of_witness.get(witness, ())}
        return (tie for tie in ties if tie.kind in kinds and tie.incident in (None, incident))

    def _of(self, tie: Tie, among: frozenset[str] | None = None) -> Iterator[Edge]:
        named = tie.witnesses if among is None else tie.witnesses & among
        members = sorted(named)
        apart = {pair for pair in self._apart.get(tie.kind, ()) if pair <= named}
        if not apart:  # pairs with the first of them join them all, and there are fewer of these
            return ((tie.kind, members[0], other) for other in members[1:])
        pairs = combinations(members, 2)
        return ((tie.kind, one, other) for one, other in pairs if frozenset((one, other)) not in apart)


def _ways(edges: Iterable[Edge]) -> Mapping[str, Edge]:
    """From each witness a link one step nearer to the first in the alphabet of all who hang together; of several such
    links a strong one."""
    beside: dict[str, list[Edge]] = defaultdict(list)
    for kind, one, other in sorted(edges, key=lambda edge: (edge[0] in WEAK, edge)):
        beside[one].append((kind, other, one))
        beside[other].append((kind, one, other))
    towards: dict[str, Edge] = {}
    seen: set[str] = set()
    for first in sorted(beside):
        waiting = deque([] if first in seen else [first])
        seen.add(first)
        while waiting:
            for edge in beside[waiting.popleft()]:
                if edge[1] not in seen:
                    seen.add(edge[1])
                    towards[edge[1]] = edge
                    waiting.append(edge[1])
    return towards


def upstream(starts: Iterable[str], sources: Mapping[str, Iterable[str]]) -> set[Edge]:
    """The links from these witnesses to those from whom their accounts stem, and from those to theirs in turn."""
    found: set[Edge] = set()
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        witness = waiting.pop()
        if witness not in seen:
            seen.add(witness)
            origins = sources.get(witness, ())
            found |= {(LinkKind.ORIGIN, witness, origin) for origin in origins}
            waiting += origins
    return found
