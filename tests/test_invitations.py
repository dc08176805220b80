"""Invitations: one for each code, none for whoever is a member already, and nothing is weighed for the uninvited."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import C1, MEMBERS, R1, Person, following, seed
from tests.stage import DAY, DAYS, Scene, actor, invitations
from vault import enrolment, proposals
from vault.errors import Conflict, Invalid, NotFound
from vault.sealing.digests import b64, digest
from vault.sealing.signatures import sign
from vault.sealing.words import random_words
from vault.store.testimony import InvitationRow, MemberRow

R9 = Person("R9", "researcher")


def _link(person: Person, name: str) -> tuple[str, dict[str, str]]:
    """A link, and the entry by which it stands in a document."""
    token = seed(name)
    return b64(token), {
        "code": person.code,
        "role": person.role,
        "token": b64(digest("invitation", token)),
    }


def _stand(scene: Scene, *entries: dict[str, str]) -> None:
    scene.carry(C1, invitations(scene.roster(), (), invitations=list(entries)))


def _accept(scene: Scene, token: str, person: Person) -> None:
    with scene.writing() as uow:
        invited = enrolment.invitation(uow, token, DAY)
        card = {**person.card["document"], "invitation": b64(invited.token)}
        signed = _signed(card, person)
        enrolment.accept(uow, invited, signed, person.wrapped, scene.vault.cost)


def _signed(card: dict[str, Any], person: Person) -> Any:
    return sign(card, person.code, person.secret.signing)


def _list(scene: Scene, *people: Person) -> None:
    scene.carry(C1, following(scene.roster(), (*MEMBERS, *people), **DAYS))


def test_a_second_link_is_dead_once_the_roster_lists_its_code(scene: Scene) -> None:
    first, entry = _link(R9, "first")
    _stand(scene, entry)
    _accept(scene, first, R9)
    second, again = _link(R9, "second")
    _stand(scene, again)
    _list(scene, R9)
    with pytest.raises(Conflict):
        _accept(scene, second, R9)


def test_a_dead_link_does_not_revive_when_its_member_is_removed(scene: Scene) -> None:
    first, entry = _link(R9, "first")
    _stand(scene, entry)
    _accept(scene, first, R9)
    second, again = _link(R9, "second")
    _stand(scene, again)
    _list(scene, R9)
    _list(scene)
    with pytest.raises(Conflict):
        _accept(scene, second, R9)


def test_an_open_link_in_the_rows_overwrites_no_listed_member(scene: Scene) -> None:
    """Even if a row says that it stands."""
    token, _ = _link(R1, "planted")
    with scene.writing() as uow:
        row = {"code": "R1", "role": "researcher", "expires": DAY.isoformat()}
        uow.testimony.add(InvitationRow(token=digest("invitation", seed("planted")), **row))
    with scene.reading() as uow:
        before = uow.testimony.get_one(MemberRow, "R1").wrapped
    with pytest.raises(NotFound):
        _accept(scene, token, R1)
    with scene.reading() as uow:
        assert uow.testimony.get_one(MemberRow, "R1").wrapped == before


def test_whoever_is_not_listed_yet_may_begin_again_by_a_later_link(scene: Scene) -> None:
    for name in ("first", "second"):
        token, entry = _link(R9, name)
        _stand(scene, entry)
        _accept(scene, token, R9)


@pytest.mark.parametrize("same", ["code", "token"])
def test_a_document_that_invites_twice_is_refused(scene: Scene, same: str) -> None:
    _, one = _link(R9, "one")
    _, other = _link(Person("R8", "researcher"), "other")
    document = invitations(scene.roster(), (), invitations=[one, {**other, same: one[same]}])
    with pytest.raises(Invalid), scene.writing() as uow:
        proposals.propose(uow, actor(C1), document, None, DAY)


@pytest.mark.parametrize("typed", [("a" * 100_000, ""), ("short", "short"), ("\ufdfa" * 450_000, "x")])
def test_nothing_is_weighed_for_somebody_who_was_not_invited(scene: Scene, typed: tuple[str, str]) -> None:
    with pytest.raises(NotFound):
        enrolment.enrol(scene.vault, b64(bytes(32)), typed, "", DAY)


@pytest.mark.parametrize("passphrase", ["a" * 73, "password" * 12, random_words(6) + "x" * 256])
def test_a_long_passphrase_is_not_taken_unseen(scene: Scene, passphrase: str) -> None:
    token, entry = _link(R9, "one")
    _stand(scene, entry)
    with pytest.raises(Invalid):
        enrolment.enrol(scene.vault, token, (passphrase, passphrase), "", DAY)
    with scene.reading() as uow:
        assert uow.testimony.get(MemberRow, "R9") is None
