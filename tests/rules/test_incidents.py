"""The incidents worked by hand, each from its deposits to its figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.incidents.reading import Incident, Interview, incidents
from tests.rules.cast import AIR_STRIKE, HOSPITAL, VOCABULARIES
from tests.rules.oracle import figures
from vault.rules.accounts import Decisions, Deposited, Resolved, resolve
from vault.rules.codings import Recoding
from vault.rules.consent import Consent
from vault.rules.credibility import Excluded, Rating
from vault.rules.dependence import LinkKind, Settlement, Tie
from vault.rules.details import details
from vault.rules.editions import IncidentState, Present, Status, decide, may_recut
from vault.rules.independence import count
from vault.rules.observations import Observation

INCIDENTS = incidents()


def observed(said: Iterable[Mapping[str, Any]]) -> tuple[Observation, ...]:
    return tuple(Observation.from_json({**raw, "incident": HOSPITAL}, VOCABULARIES) for raw in said)


def deposited(number: int, interview: Interview) -> Deposited:
    labels = {name: " ".join(label.casefold().split()) for name, label in interview.labels.items()}
    return Deposited(
        digest=f"d{interview.repeats or number}",
        supersedes=f"d{replaced}" if (replaced := interview.corrects or interview.replaces) else None,
        witness=interview.witness,
        consent=Consent(True, frozenset({"corroboration"} if interview.counted else ())),
        observations=observed(interview.observations),
        depositor=interview.by,
        together_with=tuple(interview.named.get("together_with", ())),
        present=tuple(interview.named.get("present", ())),
        household=tuple(interview.named.get("household", ())),
        introducer=labels.get("introducer"),
        interpreter=labels.get("interpreter"),
        shown_before=interview.shown,
        changes_consent=interview.changes,
    )


def decided(incident: Incident) -> Decisions:
    settled = [
        Settlement(
            LinkKind(kind), one, other, verdict == "dependent", (HOSPITAL, about[0]) if about else None
        )
        for kind, one, other, verdict, *about in incident.settled
    ]
    return Decisions(
        settled=frozenset(settled),
        ratings=frozenset(
            Rating(witness, HOSPITAL, excluded=Excluded(why), reason="Decided after the interview.")
            for witness, why in incident.excluded
        ),
        same=frozenset(Tie(LinkKind(kind), frozenset(who), HOSPITAL) for kind, *who in incident.same),
        recodings=frozenset(
            Recoding(f"d{number}", coder, frozenset({HOSPITAL}), observed(said))
            for number, coder, said in incident.recoded
        ),
    )


def handed_in(incident: Incident, edition: int) -> list[Deposited]:
    return [
        deposited(number, interview)
        for number, interview in enumerate(incident.interviews, 1)
        if interview.edition <= edition < interview.withdrawn
    ]


@dataclass
class Editions:
    """The editions of one incident, one after the other."""

    incident: Incident
    state: IncidentState | None = None
    table: list[Any] | None = None
    beside: list[Any] | None = None

    def cut(self, number: int, recut: bool) -> Status:
        resolved = resolve(handed_in(self.incident, number), decided(self.incident))
        hashes = {who: repr(account) for who, account in resolved.persons(HOSPITAL).items()}
        self.state = decide(self.state, Present(hashes, resolved.same(HOSPITAL), recut), number)
        if self.state.status is Status.COUNTED:
            self.table, self.beside = self.figures(resolved)
        return self.state.status

    def figures(self, resolved: Resolved) -> tuple[list[Any], list[Any]]:
        accounts, ties = resolved.accounts[HOSPITAL], resolved.ties
        beside = details(accounts, ties, AIR_STRIKE, resolved.twice.get(HOSPITAL, ()))
        return [row.to_json() for row in count(accounts, ties, AIR_STRIKE)], [one.to_json() for one in beside]


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incident_comes_out_as_it_was_worked_by_hand(name: str) -> None:
    incident, editions = INCIDENTS[name], Editions(INCIDENTS[name])
    for number, expected in enumerate(incident.editions, 1):
        recut = expected.endswith(" anew")
        if recut and editions.state is not None:
            may_recut(editions.state.status, [], date(2026, 11, 22))
        assert editions.cut(number, recut) == expected.removesuffix(" anew")
    assert editions.state is not None
    if editions.state.status in (Status.UNDER_REVIEW, Status.TOO_FEW):
        assert incident.table is None
    else:
        assert editions.table == list(incident.table or ())
        assert editions.beside == list(incident.beside)


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_slow_oracle_finds_the_same(name: str) -> None:
    incident = INCIDENTS[name]
    if incident.table is not None and incident.editions[-1].startswith("counted"):
        deposits = handed_in(incident, len(incident.editions))
        assert figures(deposits, decided(incident), HOSPITAL, AIR_STRIKE) == list(incident.table)


def test_where_nobody_spoke_nothing_stands_beside() -> None:
    assert details((), resolve([]).ties, AIR_STRIKE) == ()
