"""From deposits to accounts: what of all that was handed in stands, and for whom.

A correction replaces the deposit whose receipt digest it names; of a chain of corrections the last one
stands. Two corrections of the same deposit both stand until one of them is corrected: nothing here knows
which came later, and the witness counts once all the same. A deposit that comes twice is set aside as
repeated; a correction of another witness's deposit is set aside as misdirected, and what it meant to replace stands;
so is one of a deposit that is not there, in silence: it may have been withdrawn, and nobody is told that by a figure.
A change of consent replaces no interview: `consent` says what it makes of theirs. One that is misdirected still refuses
what it refuses.

Whoever does not allow corroboration has no account, and nor has whoever was set aside as not credible. Their
interviews still tie those together whom they link: leaving that out would count dependent persons as independent.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from vault.rules import codings
from vault.rules.codings import Recoding, TwiceCoded
from vault.rules.consent import Consent, Use, both, fits, names_nothing, permits, present, statement_uses
from vault.rules.credibility import Excluded, Rating
from vault.rules.dependence import LinkKind, Settlement, Tie, Ties, Told
from vault.rules.independence import Account
from vault.rules.observations import Observation
from vault.rules.sheets import Person


@dataclass(frozen=True)
class Deposited:
    """The observations half of one deposit, unsealed, its signature already checked.

    Witnesses, and the origins in chains, are called by their tags, labels by theirs; the depositor is whoever signed.
    """

    digest: str
    supersedes: str | None
    witness: str
    consent: Consent
    together_with: tuple[str, ...]
    observations: tuple[Observation, ...]
    depositor: str = ""
    present: tuple[str, ...] = ()
    household: tuple[str, ...] = ()
    introducer: str | None = None
    interpreter: str | None = None
    shown_before: tuple[str, ...] = ()
    match: str | None = None  # the id of the match record
    changes_consent: bool = False  # and says nothing else
    record: str = ""  # the first one in which this half lies

    @property
    def interviewer(self) -> tuple[str, str] | None:
        """Who asked, and through whom; None where nobody interpreted, or it is not known who."""
        return None if self.interpreter is None else (self.depositor, self.interpreter)

    @property
    def allows_counting(self) -> bool:
        """Whether the witness allows their account to corroborate."""
        return permits(self.consent, Use.CORROBORATION)


@dataclass(frozen=True)
class Decisions:
    """What was decided about deposits since, each by whoever may: settled links, ratings, persons who are the same
    on an incident, and what a second coder made of a testimony."""

    settled: frozenset[Settlement] = frozenset()
    ratings: frozenset[Rating] = frozenset()
    same: frozenset[Tie] = frozenset()
    recodings: frozenset[Recoding] = frozenset()


@dataclass(frozen=True)
class Resolved:
    """The accounts of each incident, what ties witnesses together, who was set aside and why, which testimonies were
    coded twice, what each witness of an incident allows and where it lies, and how many deposits were set aside."""

    accounts: Mapping[str, tuple[Account, ...]]
    ties: Ties
    declared: Mapping[str, Mapping[str, object]]
    excluded: frozenset[tuple[str, str, Excluded]]
    twice: Mapping[str, tuple[TwiceCoded, ...]]
    behind: Mapping[str, Mapping[str, Person]]
    repeated: int
    misdirected: int

    def persons(self, incident: str) -> dict[str, dict[str, object]]:
        """For each witness on an incident, all that their own deposits add to its figures, and what was decided about
        them, in a canonical form.

        Its hash tells whether the person changed. Being named by somebody else does not change a person, nor does being
        coded a second time: else one interview, or one reader, could pass for several changed persons.
        """
        same = self.same(incident)
        return {
            account.witness: {
                "observations": [said.to_json() for said in account.observations],
                **self.declared[account.witness],
                **self._decided(account.witness, incident, same),
            }
            for account in self.accounts.get(incident, ())
        }

    def same(self, incident: str) -> tuple[frozenset[str], ...]:
        """Witnesses of an incident who are the same person: they change, and are added, as one."""
        witnesses = {account.witness for account in self.accounts.get(incident, ())}
        links = self.ties.among(witnesses, {LinkKind.SAME_PERSON}, incident)
        return tuple(frozenset(pair) for _, *pair in links)

    def _decided(self, witness: str, incident: str, persons: Iterable[frozenset[str]]) -> dict[str, object]:
        settled = [
            decision.to_json()
            for decision in self.ties.settled
            if witness in (decision.one, decision.other) and (decision.about or (incident,))[0] == incident
        ]
        same = [sorted(group) for group in persons if witness in group]
        found: dict[str, list[object]] = {"settled": [*settled], "same_person": [*same]}
        return {name: sorted(value, key=_canonical) for name, value in found.items() if value}


def resolve(deposits: Iterable[Deposited], decisions: Decisions | None = None) -> Resolved:
    """The accounts that stand. The order of the deposits does not matter."""
    handed_in, decided = list(deposits), decisions or Decisions()
    by_digest = {deposit.digest: deposit for deposit in handed_in}
    sound = [deposit for deposit in by_digest.values() if fits(deposit, by_digest)]
    lost = sum(names_nothing(deposit, by_digest) for deposit in by_digest.values())
    interviews = [deposit for deposit in sound if not deposit.changes_consent]
    standing = _standing(interviews, present(by_digest.values()))
    excluded = frozenset((one.incident, one.witness, one.excluded) for one in decided.ratings if one.excluded)
    recodings, astray = codings.standing(decided.recodings, {one.digest: one.depositor for one in interviews})
    counted = _Counted(standing, {(incident, witness) for incident, witness, _ in excluded})
    return Resolved(
        accounts=counted.accounts(),
        ties=Ties(frozenset(_ties(standing)) | decided.same, frozenset(_told(standing)), decided.settled),
        declared=_declared(standing),
        excluded=excluded,
        twice=counted.twice(recodings),
        behind=counted.behind(),
        repeated=len(handed_in) - len(by_digest),
        misdirected=len(by_digest) - len(sound) - lost + astray,
    )


def allowed(deposits: Iterable[Deposited]) -> dict[str, Consent]:
    """What each witness allows now of all that stands of theirs together; whoever has nothing there allows nothing."""
    by_digest = {deposit.digest: deposit for deposit in deposits}
    sound = [one for one in by_digest.values() if fits(one, by_digest) and not one.changes_consent]
    found: dict[str, Consent] = {}
    for one in _standing(sound, present(by_digest.values())):
        found[one.witness] = both(found.get(one.witness, one.consent), one.consent)
    return found


def _standing(interviews: list[Deposited], now: Mapping[str, Consent]) -> list[Deposited]:
    """Those that no correction replaced, each with what is allowed of it now."""
    replaced = {deposit.supersedes for deposit in interviews}
    return [
        replace(deposit, consent=now.get(deposit.digest, deposit.consent))
        for deposit in interviews
        if deposit.digest not in replaced
    ]


@dataclass(frozen=True)
class _Counted:
    """The deposits that stand, and which witness is set aside on which incident."""

    standing: list[Deposited]
    excluded: set[tuple[str, str]]

    def accounts(self) -> dict[str, tuple[Account, ...]]:
        said: dict[str, dict[str, set[Observation]]] = defaultdict(lambda: defaultdict(set))
        for deposit in self.standing:
            for observation in deposit.observations:
                if self._counts(deposit, observation.incident):
                    said[observation.incident][deposit.witness].add(observation)
        return {
            incident: tuple(
                Account(witness, tuple(sorted(said_by[witness], key=_canonical)))
                for witness in sorted(said_by)
            )
            for incident, said_by in said.items()
        }

    def twice(self, recodings: Iterable[Recoding]) -> dict[str, tuple[TwiceCoded, ...]]:
        """By incident, what was coded again of a deposit that stands and counts."""
        by_digest = {deposit.digest: deposit for deposit in self.standing}
        found: dict[str, set[TwiceCoded]] = defaultdict(set)
        for deposit, recoding in (
            (by_digest[one.deposit], one) for one in recodings if one.deposit in by_digest
        ):
            for incident in recoding.incidents:
                if self._counts(deposit, incident):
                    first, second = _of(deposit.observations, incident), _of(recoding.observations, incident)
                    found[incident].add(TwiceCoded(deposit.witness, first, second))
        return {incident: tuple(sorted(codings, key=_order)) for incident, codings in found.items()}

    def behind(self) -> dict[str, dict[str, Person]]:
        """By incident and witness, what they allow of all that they said there, and the records of it."""
        found: dict[str, dict[str, list[Deposited]]] = defaultdict(lambda: defaultdict(list))
        for deposit in self.standing:
            for incident in {said.incident for said in deposit.observations}:
                if self._counts(deposit, incident):
                    found[incident][deposit.witness].append(deposit)
        return {
            incident: {witness: _person(handed_in) for witness, handed_in in by.items()}
            for incident, by in found.items()
        }

    def _counts(self, deposit: Deposited, incident: str) -> bool:
        return deposit.allows_counting and (incident, deposit.witness) not in self.excluded


def _person(deposits: list[Deposited]) -> Person:
    allowed = reduce(both, (deposit.consent for deposit in deposits))
    records = tuple(sorted(deposit.record for deposit in deposits))
    return Person(statement_uses(allowed), records, allowed.embargo)


def _ties(standing: list[Deposited]) -> Iterator[Tie]:
    alike: dict[tuple[LinkKind, object], set[str]] = defaultdict(set)
    for one in standing:
        named = (
            (LinkKind.INTERVIEWED_TOGETHER, one.together_with),
            (LinkKind.PRESENT, one.present),
            (LinkKind.HOUSEHOLD, one.household),
        )
        yield from (Tie(kind, frozenset((one.witness, *others))) for kind, others in named if others)
        shared: list[tuple[LinkKind, object]] = [(LinkKind.SHOWN, label) for label in one.shown_before]
        shared += [(LinkKind.INTRODUCER, one.introducer), (LinkKind.INTERVIEWER, one.interviewer)]
        for what in shared:
            if what[1] is not None:
                alike[what].add(one.witness)
    yield from (
        Tie(kind, frozenset(witnesses)) for (kind, _), witnesses in alike.items() if len(witnesses) > 1
    )


def _told(standing: list[Deposited]) -> Iterator[Told]:
    for one in standing:
        for said in one.observations:
            yield from (Told(said.incident, said.subject, one.witness, origin) for origin in said.origins)


def _declared(standing: list[Deposited]) -> dict[str, dict[str, object]]:
    """What each witness's own deposits say about dependence. What says nothing is left out, but for the first."""
    found: dict[str, dict[str, set[object]]] = defaultdict(lambda: defaultdict(set))
    for one in standing:
        mine = found[one.witness]
        for name in ("together_with", "present", "household", "shown_before"):
            mine[name].update(getattr(one, name))
        mine["introducer"].update([one.introducer] if one.introducer else ())
        mine["interviewer"].update([one.interviewer] if one.interviewer else ())
    return {
        witness: {
            name: sorted(said, key=repr) for name, said in facts.items() if said or name == "together_with"
        }
        for witness, facts in found.items()
    }


def _of(observations: Iterable[Observation], incident: str) -> tuple[Observation, ...]:
    return tuple(sorted((said for said in observations if said.incident == incident), key=_canonical))


def _order(coded: TwiceCoded) -> tuple[str, ...]:
    return (coded.witness, *map(_canonical, (*coded.first, *coded.second)))


def _canonical(value: object) -> str:
    return json.dumps(value.to_json() if isinstance(value, Observation) else value, sort_keys=True)
