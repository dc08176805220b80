"""The figures of an incident once more, from the prose alone: slow, plain, and sharing no code with the rules.

It asks each question anew for every claim and pair of witnesses, and walks along links one step at a time.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from vault.rules.accounts import Decisions, Deposited
from vault.rules.observations import Observation
from vault.rules.vocabulary import Range, Vocabulary

SENSES = {"saw", "heard", "felt", "smelled", "attended"}
WEAK = {"maybe_same_person", "same_introducer", "same_interviewer_and_interpreter", "shown_the_same_before"}
Link = tuple[str, str, str]


def figures(
    deposits: list[Deposited], decisions: Decisions, incident: str, vocabulary: Vocabulary
) -> list[dict[str, Any]]:
    """The rows of one incident as JSON."""
    world = World(deposits, decisions, incident, vocabulary)
    claims: list[tuple[str, Any]] = []
    for _, said in world.said:
        for claim in [(said.subject, said.value), *((above, "yes") for above in world.above(said.subject))]:
            if claim not in claims:
                claims.append(claim)
    claims.sort(key=lambda claim: vocabulary.order(*claim))
    return [world.row(subject, value) for subject, value in claims]


class World:
    """One incident as it stands today."""

    def __init__(
        self, deposits: list[Deposited], decisions: Decisions, incident: str, vocabulary: Vocabulary
    ) -> None:
        self.vocabulary, self.incident, self.decisions = vocabulary, incident, decisions
        self.standing = list(_standing(deposits))
        disbelieved = {one.witness for one in decisions.ratings if one.excluded and one.incident == incident}
        self.said = [
            (deposit.witness, said)
            for deposit in self.standing
            for said in deposit.observations
            if said.incident == incident
            and _allowed(deposit, deposits)
            and deposit.witness not in disbelieved
        ]
        self.witnesses = {witness for witness, _ in self.said}

    def above(self, subject: str) -> list[str]:
        parent = self.vocabulary.subject(subject).parent
        return [] if parent is None else [parent, *self.above(parent)]

    # --- who is linked to whom ----------------------------------------------------------------------------

    def links(self) -> Iterator[Link]:
        """Every link that holds whatever the claim."""
        for kind, one, other in {*self._said_links(), *self._decided_links()}:
            verdicts = {
                settled.dependent
                for settled in self.decisions.settled
                if settled.kind == kind and {settled.one, settled.other} == {one, other}
            }
            if verdicts != {False}:
                yield kind, one, other

    def _said_links(self) -> Iterator[Link]:
        for one in self.standing:
            named = [("interviewed_together", one.together_with), ("present_at_interview", one.present)]
            for kind, others in [*named, ("same_household", one.household)]:
                yield from _pairs(kind, {one.witness, *others} if others else set())
            for other in self.standing:
                if one.introducer is not None and one.introducer == other.introducer:
                    yield from _pairs("same_introducer", {one.witness, other.witness})
                heard_through = (one.depositor, one.interpreter)
                if one.interpreter is not None and heard_through == (other.depositor, other.interpreter):
                    yield from _pairs("same_interviewer_and_interpreter", {one.witness, other.witness})
                if set(one.shown_before) & set(other.shown_before):
                    yield from _pairs("shown_the_same_before", {one.witness, other.witness})

    def _decided_links(self) -> Iterator[Link]:
        for tie in self.decisions.same:
            if tie.incident in (None, self.incident):
                yield from _pairs(str(tie.kind), set(tie.witnesses))
        for settled in self.decisions.settled:
            if settled.dependent and settled.about is None:
                yield from _pairs(str(settled.kind), {settled.one, settled.other})

    def told(self, subject: str) -> set[tuple[str, str]]:
        """Who had it from whom: of the subject, or of what it entails."""
        lineage = [subject, *self.above(subject)]
        found = {
            (deposit.witness, link.origin, said.subject)
            for deposit in self.standing
            for said in deposit.observations
            for link in said.chain
            if said.incident == self.incident and said.subject in lineage and link.origin is not None
        }
        decided = [
            (one.dependent, (one.one, one.other, one.about[1]))
            for one in self.decisions.settled
            if one.about and one.about[0] == self.incident and one.about[1] in lineage
        ]
        found -= {link for dependent, link in decided if not dependent}
        found |= {link for dependent, link in decided if dependent}
        return {(witness, origin) for witness, origin, _ in found}

    def told_to_direct(self, subject: str) -> set[tuple[str, str]]:
        """Those of them that lead from a direct witness of the subject, or of what it entails, to an origin."""
        found = set()
        for level in [subject, *self.above(subject)]:
            known = {witness for witness in self.witnesses if self.senses_on(witness, level)}
            pairs = self.told(level)
            for _ in pairs:
                known |= {origin for witness, origin in pairs if witness in known}
            found |= {(witness, origin) for witness, origin in pairs if witness in known}
        return found

    def senses_on(self, witness: str, subject: str) -> bool:
        return any(
            who == witness and _senses(said) and subject in [said.subject, *self.above(said.subject)]
            for who, said in self.said
        )

    # --- one claim ----------------------------------------------------------------------------------------

    def row(self, subject: str, value: Any) -> dict[str, Any]:
        strong = {(one, other) for kind, one, other in self.links() if kind not in WEAK}
        weak = {(one, other) for _, one, other in self.links()}
        direct, told = self.told_to_direct(subject), self.told(subject)
        stands = {witness: self.columns(witness, subject, value) for witness in self.witnesses}

        def persons(column: str, links: set[tuple[str, str]]) -> list[set[str]]:
            groups = _groups({witness for witness in stands if column in stands[witness]}, links)
            return [
                set().union(*(stands[witness] for witness in stands if witness in group)) for group in groups
            ]

        def without_direct(column: str) -> int:
            return sum("direct" not in columns for columns in persons(column, strong | told))

        shown = {"min": len(persons("direct", weak | direct)), "max": len(persons("direct", strong | direct))}
        senses = ("saw", "heard", "felt", "smelled", "attended")
        return {
            "subject": subject,
            "value": {"min": value.min, "max": value.max} if isinstance(value, Range) else value,
            "direct": shown,
            **{sense: len(persons(sense, strong | direct)) for sense in senses},
            "aftermath": len(persons("aftermath", strong | told)),
            "recording": len(persons("recording", strong | told)),
            "not_perceived": without_direct("not_perceived"),
            "denied": len(persons("denied", strong | told)),
            "hearsay": without_direct("hearsay"),
            "inferred": without_direct("inferred"),
        }

    def columns(self, witness: str, subject: str, value: Any) -> set[str]:
        """Where a witness would stand alone, "direct" among it."""
        found: set[str] = set()
        for who, said in self.said:
            if who != witness:
                continue
            if subject in self.above(said.subject):
                found |= _senses(said)
            if said.subject != subject:
                continue
            if said.modality == "affirmed" and _within(said.value, value):
                names = {"saw_aftermath": "aftermath", "saw_on_recording": "recording"}
                names |= {"learnt_from_others": "hearsay", "inferred": "inferred"}
                found |= _senses(said) | {names[word] for word in said.perception if word in names}
            if _within(value, said.value):
                found |= {"not_perceived" for word in said.perception if word.startswith("did_not")}
                found |= {"denied"} if said.modality == "denied" and said.placed == "yes" else set()
        return found | ({"direct"} if found & SENSES else set())


def _allowed(deposit: Deposited, deposits: Iterable[Deposited]) -> bool:
    """Whether counting is allowed now: every change of the witness's that no other one leads to must allow it, and the
    interview itself, unless a change names it."""
    changes = {one.digest: one for one in deposits if one.changes_consent and one.witness == deposit.witness}

    def leads(one: Deposited, seen: tuple[str, ...] = ()) -> set[str]:
        named = one.supersedes
        if named is None or named in seen:
            return set()
        return {named, *(leads(changes[named], (*seen, named)) if named in changes else ())}

    asked = [
        change
        for digest, change in changes.items()
        if not any(digest in leads(other) and other.digest not in leads(change) for other in changes.values())
    ]
    asked += [] if any(one.supersedes == deposit.digest for one in changes.values()) else [deposit]
    return all(one.consent.recording and "corroboration" in one.consent.uses for one in asked)


def _standing(deposits: Iterable[Deposited]) -> Iterator[Deposited]:
    handed_in = {deposit.digest: deposit for deposit in deposits if not deposit.changes_consent}
    sound = {
        digest: one
        for digest, one in handed_in.items()
        if one.supersedes is None
        or (one.supersedes in handed_in and handed_in[one.supersedes].witness == one.witness)
    }
    for digest, one in sound.items():
        if all(other.supersedes != digest for other in sound.values()):
            yield one


def _senses(said: Observation) -> set[str]:
    return {str(word) for word in said.perception} & SENSES if said.modality == "affirmed" else set()


def _within(inner: Any, outer: Any) -> bool:
    if isinstance(inner, str) or isinstance(outer, str):
        return bool(inner == outer)
    return set(_numbers(inner)) <= set(_numbers(outer))


def _numbers(value: int | Range) -> range:
    return range(value.min, value.max + 1) if isinstance(value, Range) else range(value, value + 1)


def _pairs(kind: str, witnesses: set[str]) -> Iterator[Link]:
    return ((kind, one, other) for one in witnesses for other in witnesses if one < other)


def _groups(witnesses: set[str], links: set[tuple[str, str]]) -> list[set[str]]:
    """Everybody who hangs together with one of the witnesses, group by group."""
    groups: list[set[str]] = []
    for witness in witnesses:
        if not any(witness in group for group in groups):
            group = {witness}
            while True:
                grown = group | {other for one, other in links if one in group}
                grown |= {one for one, other in links if other in group}
                if grown == group:
                    break
                group = grown
            groups.append(group)
    return groups
