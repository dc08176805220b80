"""The seizure drill: everything is taken at once. What each set of secrets opens, and what none but a quorum opens.

The table says also what lies beyond the promise: whoever is coerced gives away all that they could read.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest

from drill.thief import Thief
from tests.cast import C1, C2, CUSTODIANS, OUTSIDER, R1, R2, THRESHOLD, V1, V2, Person
from tests.readers import cut, told
from tests.stage import DAY, Scene, actor, copied
from vault import drafts, escrow, sessions
from vault.opening import Days, Holder, ask, decide
from vault.sealing.digests import unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.terms import open_packet
from vault.sealing.words import spell_device_key

IDENTITIES = ("Balthazar Quillfeather", "Ottoline Thornabout", "Peregrine Nightingall")
TESTIMONY = ("The zephyrine smoke rose.", "Quorndon yard was empty.", "Vesperine light, then dust.")
DRAFT = "Halcyon draft of a sentence"
REASON = "to warn the witness of Umberwood"
TITLE = "Field hospital, Sermin"
CODED = '"perception"'
EDITION = '"direct"'

pytestmark = pytest.mark.sqlite  # the thief reads files


@dataclass
class Seized:
    """A vault after a day's work, and what was in the head of whoever asked for an opening."""

    scene: Scene
    pseudonyms: list[str] = field(default_factory=list)
    opening_key: SealingKey | None = None

    @cached_property
    def burglar(self) -> Thief:
        """A thief with the databases alone, after the attack."""
        return Thief(self.scene.folder).attack()

    def thief(self, *people: Person, key: SealingKey | None = None) -> Thief:
        """A thief with these people's secrets as well, after the attack."""
        thief = self.burglar.partner()
        if key is not None:
            thief.learn(key.seed)
        for person in people:
            (thief.coerce if person.role else thief.take_key_file)(person)
        return thief.attack()


def _day_of_work(scene: Scene) -> Seized:
    seized = Seized(scene)
    for number, (name, text) in enumerate(zip(IDENTITIES, TESTIMONY, strict=True)):
        person = (R1, R2)[number % 2]
        draft = scene.start(person)
        raw = scene.interview(scene.said("heard"), testimony=text * (1 + 700 * (number == 2)))
        raw["sealed_identity"] = scene.seal_identity(draft, {"name": name, "notes": f"knows {name}"})
        seized.pseudonyms.append(scene.hand_in(person, draft, raw).pseudonym)
    waiting = scene.start(R1)
    with scene.writing() as uow:
        drafts.save(uow, actor(R1), waiting.id, {"testimony": DRAFT})
    cut(scene)
    for person in (R1, V1, V2):  # sessions stand open while the disk is taken
        key = spell_device_key(person.device_key)
        sessions.sign_in(scene.vault, person.code, person.passphrase, key, datetime.now(UTC))
    seized.opening_key = _open(scene, seized.pseudonyms[0])
    return seized


def _open(scene: Scene, pseudonym: str) -> SealingKey:
    """V2 asks for the identity of one witness, and a quorum approves; the requester's fresh key."""
    (body,) = [one.half.body for one in told(scene)[0] if one.half.body["pseudonym"] == pseudonym]
    record, _, fingerprint = body["identity"].partition(".")
    about = {
        "purpose": "identity",
        "record": record,
        "escrow": fingerprint,
        "requester": "V2",
        "reason": REASON,
    }
    roster, today = scene.roster(), DAY.isoformat()
    assert V2.request is not None
    terms, key = ask(about, roster, V2.request, Days(today, today))
    with scene.writing() as uow:
        opening = escrow.ask(uow, actor(V2), terms, DAY)
    for custodian in CUSTODIANS[:THRESHOLD]:
        with scene.writing() as uow:
            (one,) = escrow.waiting(uow, actor(custodian), DAY)
            packet = open_packet(
                custodian.secret.sealing, roster.vault, opening, custodian.code, unb64(one.packet)
            )
            decision = decide(packet, [roster], Holder(custodian.code, custodian.secret), None, today)
            escrow.decide(uow, actor(custodian), decision, DAY)
    return key


@pytest.fixture(scope="module")
def seized(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seized]:
    scene = copied(staged, tmp_path_factory.mktemp("seizure") / "vault")
    yield _day_of_work(scene)
    scene.close()


# --- the attack is alive ------------------------------------------------------------------------------------


def test_the_thief_opens_everything_with_a_quorums_key_files(seized: Seized) -> None:
    """Beyond the promise, and the proof that this attack would find what there is to find."""
    thief = seized.thief(*CUSTODIANS[:THRESHOLD])
    assert thief.finds(*IDENTITIES) == list(IDENTITIES)
    assert thief.finds(*TESTIMONY) == list(TESTIMONY)
    assert thief.finds(CODED, EDITION, REASON, TITLE) == [CODED, EDITION, REASON, TITLE]


# --- the promise --------------------------------------------------------------------------------------------

FEW = [frozenset(some) for size in range(THRESHOLD) for some in itertools.combinations(CUSTODIANS, size)]
MEMBERS: list[tuple[Person, ...]] = [(), (R1,), (R2,), (V1,), (V2,), (R1, R2, V1, V2)]


def _names(people: object) -> str:
    return "+".join(sorted(person.code for person in people)) or "nobody"  # type: ignore[attr-defined]


@pytest.mark.parametrize("custodians", FEW[-1:], ids=_names)
@pytest.mark.parametrize("members", MEMBERS, ids=_names)
def test_below_a_quorum_no_identity_is_opened_whoever_else_is_coerced(
    seized: Seized, members: tuple[Person, ...], custodians: frozenset[Person]
) -> None:
    assert seized.thief(*members, *custodians).finds(*IDENTITIES) == []


@pytest.mark.parametrize("custodians", FEW, ids=_names)
def test_any_custodians_below_a_quorum_open_nothing_of_a_case(
    seized: Seized, custodians: frozenset[Person]
) -> None:
    thief = seized.thief(*custodians)
    assert thief.finds(*IDENTITIES, *TESTIMONY, *seized.pseudonyms, DRAFT, CODED, TITLE) == []
    assert bool(thief.finds(REASON)) == bool(custodians)  # custodians read the terms: that is their task


LEARNT: dict[tuple[Person, ...], list[str]] = {
    (): [],
    (OUTSIDER,): [],
    (R1,): [TITLE, DRAFT],
    (R2,): [TITLE],
    (V1,): [TITLE, CODED, EDITION],
    (V2,): [TITLE, *TESTIMONY, EDITION, REASON],
    (R1, V1): [TITLE, DRAFT, CODED, EDITION],
    (R1, V2): [TITLE, DRAFT, *TESTIMONY, EDITION, REASON],
    (C1, C2): [REASON],
    (R1, C1, C2): [TITLE, DRAFT, REASON],
    (V1, V2, C1, C2): [TITLE, *TESTIMONY, CODED, EDITION, REASON],
}


@pytest.mark.parametrize("people", LEARNT, ids=_names)
def test_a_seizure_gives_just_what_those_coerced_could_read(
    seized: Seized, people: tuple[Person, ...]
) -> None:
    everything = [TITLE, DRAFT, *TESTIMONY, CODED, EDITION, REASON, *IDENTITIES]
    learnt = [item for item in everything if item in LEARNT[people]]
    assert seized.thief(*people).finds(*everything) == learnt


@pytest.mark.parametrize("person", [R1, R2, V1], ids=lambda person: person.code)
def test_pseudonyms_are_known_to_readers_alone(seized: Seized, person: Person) -> None:
    """Of yesterday's witnesses, not even the researcher who named them is given away by the vault."""
    assert seized.thief(person).finds(*seized.pseudonyms) == []


# --- an opening ---------------------------------------------------------------------------------------------


def test_an_approved_opening_opens_exactly_one_identity(seized: Seized) -> None:
    thief = seized.thief(V2, key=seized.opening_key)
    assert thief.finds(*IDENTITIES) == [IDENTITIES[0]]


def test_an_approved_opening_and_all_below_a_quorum_open_no_second_identity(seized: Seized) -> None:
    thief = seized.thief(R1, R2, V1, V2, *CUSTODIANS[-2:], key=seized.opening_key)
    assert thief.finds(*IDENTITIES) == [IDENTITIES[0]]


def test_without_the_requesters_own_key_the_approvals_open_nothing(seized: Seized) -> None:
    """The key waits on the requester's device under the opening code; the server never had it."""
    assert seized.thief(R1, R2, V1, V2).finds(*IDENTITIES) == []


def test_the_configuration_opens_nothing(seized: Seized) -> None:
    texts = [str(value) for value in seized.scene.settings.databases.values()]
    assert not any(key in text for text in texts for key in ("key=", "password", "secret", "@"))
