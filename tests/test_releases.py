"""vault.releases: what is said of evidence in public takes two, and a witness who gave it can shut it at any time"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete

from tests import dossier
from tests.cast import R1, V1, V2, Person
from tests.dossier import OPINION, RELEASE, add, chain, go_on, with_file
from tests.readers import audited
from tests.sending import JPEG
from tests.stage import DAY, After, Facts, Scene, actor, later
from tests.test_pictures import photo
from vault import cases, chains, ledgers, register, releases
from vault.errors import Conflict, Invalid, Refused, Tampered
from vault.receipts import Receipt
from vault.releases import NOT_NOW, Gate
from vault.rules.items import Act
from vault.rules.register import Wanted
from vault.rules.releases import Released
from vault.sealing.words import new_pseudonym
from vault.store.evidence import EvidenceRow

KEYS = ["brief", "corroboration", "editions", "evidence"]
USES = ["corroboration", "paraphrase", "audio_video"]
ALLOWS = {"recording": True, "uses": USES, "recipients": {"public": "none"}}
GIVEN = {"how": "given", "from": "", "held": ""}
PICTURE = {**RELEASE, "picture": True}


def opened(scene: Scene) -> Facts:
    """A case in which two reviewers may weigh evidence."""
    return dossier.opened(scene, {"R1": ["brief"], "V1": KEYS, "V2": KEYS})


@pytest.fixture
def two(after: After) -> Scene:
    scene, facts = after(opened)
    scene._facts = facts
    return scene


def propose(scene: Scene, item: str, raw: dict[str, Any] = RELEASE, by: Person = V1) -> str:
    with scene.writing() as uow:
        return releases.propose(scene.vault, uow, actor(by), (scene.case, item, raw), DAY)


def decide(scene: Scene, item: str, motion: str, by: Person = V2, *, upheld: bool = True) -> None:
    raw = {"motion": motion, "upheld": upheld, "reason": "So it is"}
    with scene.writing() as uow:
        releases.decide(scene.vault, uow, actor(by), (scene.case, item, raw), DAY)


def standing(scene: Scene, item: str, days: int = 0, by: Person = V1) -> tuple[Released, ...]:
    with scene.reading() as uow:
        return releases.standing(scene.vault, uow, actor(by), (scene.case, item), later(days))


def released(scene: Scene, item: str, raw: dict[str, Any] = RELEASE) -> str:
    motion = propose(scene, item, raw)
    decide(scene, item, motion)
    return motion


def told(scene: Scene, **consent: Any) -> Receipt:
    """A witness who allows what is shown of them, unless said otherwise."""
    return scene.deposit(R1, scene.said("heard"), consent={**ALLOWS, **consent})


def change(scene: Scene, one: Receipt, **consent: Any) -> None:
    """The witness allows something else from now on."""
    about = {"kind": "consent", "supersedes": one.digest, "pseudonym": one.pseudonym}
    raw = scene.interview(consent={**ALLOWS, **consent}, testimony="I thought about it.", **about)
    scene.hand_in(R1, scene.start(R1), raw)


def test_what_is_said_in_public_takes_two(two: Scene) -> None:
    item = add(two)
    motion = propose(two, item)
    assert standing(two, item) == ()
    with pytest.raises(Conflict, match="Somebody else"):
        decide(two, item, motion, V1)
    decide(two, item, motion)
    (one,) = standing(two, item)
    assert (one.name, one.release.text) == (motion, RELEASE["text"])
    assert [entry["act"] for entry in audited(two)[-2:]] == ["release proposed", "release decided"]
    with pytest.raises(Conflict, match="already"):
        decide(two, item, motion)


def test_what_was_rejected_or_recalled_is_not_said(two: Scene) -> None:
    item = add(two)
    motion = propose(two, item)
    decide(two, item, motion, upheld=False)
    assert standing(two, item) == ()
    motion = released(two, item)
    assert len(standing(two, item)) == 1
    go_on(two, item, Act.RECALL, {"release": motion, "reason": "It was another hospital"}, V2)
    assert standing(two, item) == ()


def test_a_release_whose_recall_was_cut_off_the_chain_is_refused_once_the_list_has_read_it(
    two: Scene,
) -> None:
    item = add(two)
    motion = released(two, item)
    go_on(two, item, Act.RECALL, {"release": motion, "reason": "It was another hospital"}, V2)
    with two.writing() as uow:
        register.listing(two.vault, uow, actor(V1), (two.case, Wanted()), DAY)
    with two.writing() as uow:
        uow.testimony.execute(delete(EvidenceRow).where(EvidenceRow.position == 4))
    with pytest.raises(Tampered, match="are missing"):
        standing(two, item)


def test_an_opinion_is_released_as_an_item_is(two: Scene) -> None:
    item = add(two)
    opinion = go_on(two, item, Act.OPINION, OPINION)
    motion = released(two, item, {**RELEASE, "of": opinion})
    assert [one.name for one in standing(two, item)] == [motion]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ({**RELEASE, "text": {}}, Invalid),
        ({**RELEASE, "text": {"en": "two\nlines"}}, Invalid),
        ({**RELEASE, "of": "nothing"}, Conflict),
        (PICTURE, Conflict),
    ],
)
def test_what_cannot_be_released_is_not_proposed(
    two: Scene, raw: dict[str, Any], kind: type[Exception]
) -> None:
    item = add(two)
    with pytest.raises(kind):
        propose(two, item, raw)
    assert not chain(two, item).item.released


def test_only_reviewers_with_the_key_release(two: Scene) -> None:
    item = add(two)
    with pytest.raises(Refused):
        propose(two, item, by=R1)
    with pytest.raises(Conflict, match="no such release"):
        decide(two, item, "nothing")


def test_what_a_witness_gave_is_released_while_they_allow_it(two: Scene) -> None:
    one = told(two)
    item = add(two, origin=GIVEN, giver=one.pseudonym)
    released(two, item)
    assert len(standing(two, item)) == 1
    change(two, one, uses=["corroboration"])
    assert standing(two, item) == ()


SHUT: list[dict[str, Any]] = [
    {"uses": ["corroboration", "audio_video"]},
    {"recipients": {"media": "none"}},
    {"recipients": {}},
    {"recording": False},
    {"embargo": later(60).isoformat()},
]


@pytest.mark.parametrize("consent", SHUT)
def test_nobody_learns_why_a_witness_does_not_allow_it(two: Scene, consent: dict[str, Any]) -> None:
    one = told(two)
    item = add(two, origin=GIVEN, giver=one.pseudonym)
    motion = propose(two, item)
    change(two, one, **consent)
    for act in (lambda: propose(two, item), lambda: decide(two, item, motion)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.message == NOT_NOW
    decide(two, item, motion, upheld=False)
    assert len(chain(two, item).documents) == 3


def test_an_embargo_ends(two: Scene) -> None:
    one = told(two)
    item = add(two, origin=GIVEN, giver=one.pseudonym)
    released(two, item)
    change(two, one, embargo=later(20).isoformat())
    assert (len(standing(two, item)), len(standing(two, item, 60))) == (0, 1)


def test_a_picture_needs_that_a_witness_allows_pictures(two: Scene) -> None:
    one = told(two)
    item = with_file(two, photo(), media=JPEG, origin=GIVEN, giver=one.pseudonym)
    words, picture = released(two, item), released(two, item, PICTURE)
    assert [one.name for one in standing(two, item)] == [words, picture]
    change(two, one, uses=["corroboration", "paraphrase"])
    assert [one.name for one in standing(two, item)] == [words]


def test_all_interviews_of_a_witness_must_allow_it(two: Scene) -> None:
    one = told(two)
    item = add(two, origin=GIVEN, giver=one.pseudonym)
    again = {"kind": "follow-up", "pseudonym": one.pseudonym}
    two.deposit(R1, two.said("heard"), consent={**ALLOWS, "uses": ["corroboration"]}, **again)
    with pytest.raises(Refused, match="now"):
        propose(two, item)


def test_a_giver_who_never_spoke_in_this_case_allows_nothing(two: Scene) -> None:
    item = add(two, origin=GIVEN, giver=new_pseudonym())
    with pytest.raises(Refused) as refused:
        propose(two, item)
    assert refused.value.message == NOT_NOW


def test_a_witness_who_is_not_counted_may_allow_it_all_the_same(two: Scene) -> None:
    one = told(two, uses=["paraphrase"])
    item = add(two, origin=GIVEN, giver=one.pseudonym)
    assert released(two, item)


def test_a_giver_whom_nobody_can_ask_allows_nothing(two: Scene) -> None:
    item = add(two, origin=GIVEN, giver=new_pseudonym())
    arrival = dict(chain(two, item).documents[0]["content"])
    arrival["giver"] = {**arrival["giver"], "tag": arrival["giver"]["pseudonym"]}
    other = item[::-1][:21] + "A"
    with two.writing() as uow:
        at = chains.ledger(cases.find(uow, two.case), other)
        ledgers.append(uow, actor(R1), at, (), chains.written(Act.ARRIVAL, arrival, DAY))
    with pytest.raises(Refused) as refused:
        propose(two, other)
    assert refused.value.message == NOT_NOW


def test_a_gate_that_is_asked_of_many_items_reads_what_is_allowed_once(two: Scene) -> None:
    one = told(two)
    items = [add(two, origin=GIVEN, giver=one.pseudonym) for _ in range(2)]
    for item in items:
        released(two, item)
    with two.reading() as uow:
        gate = Gate.of(two.vault, uow, actor(V2), two.case, DAY)
        assert all(gate.standing(gate.chains.read(item)) for item in items)
