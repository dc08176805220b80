"""Files of evidence that a witness gave: they go with what the witness said, and their custody chain says so"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests import dossier
from tests.backing import PAIRS, give_keys
from tests.cast import R1, V1, V2
from tests.dossier import RELEASE, chain, shown, with_file
from tests.faults.breaking import Act as Breaks
from tests.faults.breaking import killed_anywhere, prepared
from tests.readers import audited, told
from tests.sending import JPEG
from tests.stage import DAY, PLAN, TEAM, After, Facts, Scene, actor
from tests.test_pictures import photo
from tests.visitor import Api, Visitor, hidden, sentences
from vault import chains, custody, evidence, files, register, releases, shredding, sweeping, withdrawals
from vault.errors import Conflict, Invalid, NotFound, Refused
from vault.journal import lines_of, names_in
from vault.receipts import Receipt
from vault.rules.custody import Added, FileRole, What
from vault.rules.items import Act
from vault.rules.withdrawals import MOST_A_DAY, Scope
from vault.sealing.digests import digest, unb64
from vault.store.evidence import FileRow
from vault.store.files import Folder
from vault.store.shreds import UploadRow
from vault.sweeping import Inventory

WISH = {"scope": "interview", "reason": "witness_asks"}
GIVEN = {"how": "given", "from": "", "held": ""}
KEYS = ["brief", "editions", "evidence"]


def opened(scene: Scene) -> Facts:
    """A case with somebody who reads testimony and evidence."""
    team = {"R1": ["brief"], "V1": [*KEYS, "corroboration"], "V2": [*KEYS, "testimony"]}
    return dossier.opened(scene, team)


@pytest.fixture
def three(after: After) -> Scene:
    scene, facts = after(opened)
    scene._facts = facts
    return scene


def heard(scene: Scene, **changes: Any) -> Receipt:
    return scene.deposit(R1, scene.said("heard"), **changes)


def gave(scene: Scene, witness: str | None, content: bytes = b"FILM") -> str:
    """An item, given by a witness; its id."""
    return with_file(scene, content, giver=witness, origin=GIVEN)


def record_of(scene: Scene, receipt: Receipt) -> str:
    return next(one.record for one in told(scene)[0] if one.half.digest == receipt.digest)


def withdraw(scene: Scene, receipt: Receipt, **wish: Any) -> None:
    place = scene.case, record_of(scene, receipt)
    withdrawals.by_reader(scene.vault, actor(V2), place, {**WISH, **wish}, DAY)


def let_go(scene: Scene, item: str, by: Any = V1, reason: str = "witness_asks") -> None:
    withdrawals.of_item(scene.vault, actor(by), (scene.case, item), {"reason": reason}, DAY)


def files_of(scene: Scene, item: str) -> list[str]:
    return list(chain(scene, item).item.files)


def lying(scene: Scene) -> int:
    """How many files lie in the folder, each of them known and whole."""
    names = Folder(scene.vault.files).names()
    found = sweeping.inventory(scene.vault.store, scene.vault.files)
    assert found == Inventory(len(names), 0, 0)
    return len(names)


def opens(scene: Scene, item: str) -> bool:
    """Whether the keys of its files are there: of all or of none."""
    names = [unb64(name) for name in files_of(scene, item)]
    with scene.reading() as uow:
        there = shredding.layers(uow, names)
    assert len(there) in (0, len(names))
    return bool(there)


class TestWithTestimony:
    @pytest.mark.parametrize("scope", ["interview", "witness"])
    def test_what_a_witness_gave_goes_with_what_they_said(self, three: Scene, scope: str) -> None:
        one, other = heard(three), heard(three)
        mine, theirs, found = (gave(three, who) for who in (one.pseudonym, other.pseudonym, None))
        withdraw(three, one, scope=scope)
        item = chain(three, mine).item  # its chain still holds, to the last signature
        assert (item.withdrawn, item.original, item.events[-1].by) == (True, None, "V2")
        assert [opens(three, each) for each in (mine, theirs, found)] == [False, True, True]
        assert lying(three) == 2
        assert [entry["act"] for entry in audited(three)][-2:] == [
            "testimony withdrawn",
            "evidence withdrawn",
        ]
        assert "item" not in audited(three)[-1]["about"]

    def test_the_same_bytes_that_another_gave_too_stay_as_theirs(self, three: Scene) -> None:
        one, other = heard(three), heard(three)
        mine, theirs = gave(three, one.pseudonym), gave(three, other.pseudonym)
        withdraw(three, one)
        (name,) = files_of(three, theirs)
        assert custody.open_file(three.vault, actor(V1), (three.case, theirs, name), DAY).whole() == b"FILM"
        assert shown(three, theirs, V2).giver == other.pseudonym
        assert not opens(three, mine)

    def test_a_picture_goes_with_its_working_copy_and_its_preview(self, three: Scene) -> None:
        one = heard(three)
        item = with_file(three, photo(), media=JPEG, giver=one.pseudonym, origin=GIVEN)
        assert (len(files_of(three, item)), lying(three)) == (2, 2)
        withdraw(three, one)
        assert (opens(three, item), lying(three)) == (False, 0)
        with three.reading() as uow:
            assert uow.testimony.scalars(select(FileRow)).all() == []

    def test_files_stay_where_only_the_identity_goes_or_where_they_are_to_be_kept(self, three: Scene) -> None:
        one = heard(three)
        item = gave(three, one.pseudonym)
        withdraw(three, one, scope="identity")
        withdraw(three, one, keep_files=True)
        assert opens(three, item)
        assert not chain(three, item).item.withdrawn

    def test_beforehand_it_is_said_of_how_many_items(self, three: Scene) -> None:
        one = heard(three)
        for witness in (one.pseudonym, one.pseudonym, heard(three).pseudonym, None):
            gave(three, witness)
        place = three.case, record_of(three, one)
        with three.writing() as uow:
            assert withdrawals.outlook(three.vault, uow, actor(V2), place, DAY).items == 2


@dataclass(frozen=True)
class Giving:
    """A case in which a witness gave something; the record that is withdrawn, and the item."""

    facts: Facts
    record: str
    item: str


def _giving(scene: Scene) -> Giving:
    give_keys(scene)
    scene._facts = facts = opened(scene)
    one = heard(scene)
    return Giving(facts, record_of(scene, one), gave(scene, one.pseudonym))


def _take_away(scene: Scene, about: Giving) -> None:
    with suppress(NotFound):  # it was done
        withdrawals.by_reader(scene.vault, actor(V2), (about.facts.case, about.record), WISH, DAY)


def _no_chain_is_silent(scene: Scene, about: Giving) -> None:
    """What does not open any more is withdrawn by its chain, and the custodians know of it."""
    scene._facts = about.facts
    said = chain(scene, about.item).item.withdrawn
    assert said or opens(scene, about.item)
    assert said == ("evidence withdrawn" in {entry["act"] for entry in audited(scene)})


def _nothing_is_left(scene: Scene, about: Giving) -> None:
    sweeping.sweep(scene.vault, DAY)
    said = [entry.what for entry in chain(scene, about.item).item.events]
    assert said.count(What.WITHDRAWN) == 1
    assert (opens(scene, about.item), lying(scene)) == (False, 0)
    assert not shredding.is_due(scene.vault.store)


@pytest.mark.sqlite
def test_wherever_a_withdrawal_breaks_off_no_chain_is_silent_of_what_is_destroyed(
    staged: Path, tmp_path: Path
) -> None:
    act = Breaks("", "", _giving, _take_away, _no_chain_is_silent, _nothing_is_left, statements=False)
    with prepared(act, staged, tmp_path) as again:
        assert killed_anywhere(act, again) > 8


@pytest.mark.parametrize("what", ["_destroy", "destroy"])
def test_what_nobody_goes_on_with_a_sweep_ends(
    three: Scene, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    give_keys(three)
    one = heard(three)
    item = gave(three, one.pseudonym)
    names = {digest("shred", unb64(name)) for name in files_of(three, item)}
    act = partial(withdraw, three, one) if what == "_destroy" else partial(let_go, three, item)
    monkeypatch.setattr(f"vault.withdrawals.{what}", None)  # as if it were killed there
    with pytest.raises(TypeError):
        act()
    assert chain(three, item).item.withdrawn
    assert opens(three, item)
    with pytest.raises(NotFound):
        custody.open_file(three.vault, actor(V1), (three.case, item, files_of(three, item)[0]), DAY)
    sweeping.sweep(three.vault, DAY)
    assert (opens(three, item), lying(three)) == (False, 0)
    noted = {name for line in lines_of(three.vault.journal) for name in _names(three, line)}
    assert noted == names


def test_whoever_does_it_again_ends_it_before_any_sweep(
    three: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = heard(three)
    item = gave(three, one.pseudonym)
    with monkeypatch.context() as broken:
        broken.setattr("vault.withdrawals._destroy", None)  # as if it were killed there
        with pytest.raises(TypeError):
            withdraw(three, one)
    assert opens(three, item)
    withdraw(three, one)
    assert not opens(three, item)
    assert [entry.what for entry in chain(three, item).item.events].count(What.WITHDRAWN) == 1


def _names(scene: Scene, line: str) -> Iterator[bytes]:
    return names_in(line, scene.roster().vault, PAIRS["snapshot"])


class TestByItem:
    def test_where_the_testimony_is_gone_already_whoever_holds_the_key_withdraws_the_item(
        self, three: Scene
    ) -> None:
        one = heard(three)
        item = gave(three, one.pseudonym)
        withdrawals.by_receipt(three.vault, one.withdrawal_token or "", Scope.INTERVIEW)
        assert opens(three, item)
        let_go(three, item)
        assert (opens(three, item), lying(three)) == (False, 0)
        assert not shredding.is_due(three.vault.store)

    def test_another_cases_file_stays_whatever_a_chain_names(self, three: Scene) -> None:
        """Somebody with the key to this case and a hand in the server may write anything there."""
        mine, found = gave(three, heard(three).pseudonym), gave(three, None, b"ANOTHER'S")
        elsewhere = three.open_case({**PLAN, "code": "S2"}, TEAM)
        (name,) = files_of(three, found)
        with three.writing() as uow:
            known = chains.of(three.vault, uow, actor(V1), three.case)
            theirs = known.read(found).item.files[name]
            known.append(known.read(mine), Added(FileRole.WORKING, theirs, "Blurred"), Act.FILE, DAY)
            uow.testimony.get_one(FileRow, unb64(name)).case = unb64(elsewhere)
        let_go(three, mine)
        assert opens(three, found)
        assert lying(three) == 1

    def test_afterwards_nothing_is_opened_verified_or_added(self, three: Scene) -> None:
        item = gave(three, heard(three).pseudonym)
        (file,), before = files_of(three, item), len(chain(three, item).documents)
        let_go(three, item)
        for act in (custody.open_file, custody.verify):
            with pytest.raises(NotFound, match="at the wish of who gave it"):
                act(three.vault, actor(V1), (three.case, item, file), DAY)
        with pytest.raises(Conflict):
            let_go(three, item)
        raw = {"role": "working", "upload": "x", "how": "Blurred"}
        with pytest.raises(NotFound):
            evidence.add_file(three.vault, actor(V1), (three.case, item, raw), DAY)
        assert len(chain(three, item).documents) == before + 1

    def test_what_was_to_be_said_of_it_in_public_goes_with_it(self, three: Scene) -> None:
        allows = {"recording": True, "uses": ["paraphrase"], "recipients": {"public": "none"}}
        item = gave(three, heard(three, consent=allows).pseudonym)
        with three.writing() as uow:
            releases.propose(three.vault, uow, actor(V1), (three.case, item, RELEASE), DAY)
        client, path = Api(three.app(), V1), f"/api/cases/{three.case}/evidence/{item}"
        assert client.call("GET", path).get_json()["entries"][-1]["content"] == RELEASE
        assert "text" not in chain(three, item).documents[-1]["content"]
        let_go(three, item)
        (left,) = chain(three, item).item.released.values()
        assert left.release.text == {"en": "\N{EM DASH}"}

    def test_nobody_withdraws_what_no_witness_gave_or_without_the_key_or_a_reason(self, three: Scene) -> None:
        found, given = gave(three, None), gave(three, heard(three).pseudonym)
        with pytest.raises(Conflict):
            let_go(three, found)
        with pytest.raises(Refused):
            let_go(three, given, R1)
        with pytest.raises(Invalid):
            let_go(three, given, reason="x")
        page = Visitor(three.app(), V1).get(f"/cases/{three.case}/evidence/{found}/withdraw")
        assert (page.status_code, "No witness gave this item" in page.text) == (409, True)
        assert "passphrase" not in page.text
        assert opens(three, found)
        assert opens(three, given)

    def test_so_often_a_day_and_no_more(self, three: Scene) -> None:
        one = heard(three)
        with three.writing() as uow:
            for _ in range(MOST_A_DAY):
                withdrawals._count(uow, actor(V1), DAY)
        item = gave(three, one.pseudonym)
        with pytest.raises(Refused, match="times today"):
            let_go(three, item)
        assert not chain(three, item).item.withdrawn

    def test_the_list_says_it_and_what_lies_on_the_disk_is_taken_away_even_after_a_crash(
        self, three: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = gave(three, heard(three).pseudonym)
        monkeypatch.setattr("vault.given.take_away", lambda *_: None)  # as if it were killed there
        let_go(three, item)
        assert len(Folder(three.vault.files).names()) == 1
        sweeping.sweep(three.vault, DAY)
        assert lying(three) == 0
        with three.reading() as uow:
            assert uow.shreds.scalars(select(UploadRow)).all() == []
            (row,) = register.every(three.vault, uow, actor(V1), three.case)
        assert (row.last, row.sha256, row.working) == (What.WITHDRAWN, None, None)

    def test_one_that_was_killed_between_the_databases_is_done_again(self, three: Scene) -> None:
        item = gave(three, heard(three).pseudonym)
        (name,) = files_of(three, item)
        with three.writing() as uow:  # the keys go first, and the chain last
            shredding.shred(uow, unb64(name))
        with pytest.raises(NotFound):
            custody.open_file(three.vault, actor(V1), (three.case, item, name), DAY)
        let_go(three, item)
        assert chain(three, item).item.withdrawn
        assert lying(three) == 0

    def test_an_older_archive_names_the_file_and_nothing_opens_it(self, three: Scene) -> None:
        item = gave(three, heard(three).pseudonym)
        (name,) = files_of(three, item)
        with three.reading() as uow:
            row = uow.testimony.get_one(FileRow, unb64(name))
            before = {one: getattr(row, one) for one in ("id", "case", "pieces", "key", "preview")}
        let_go(three, item)
        with three.writing() as uow:
            uow.testimony.add(FileRow(**before))
        assert sweeping.inventory(three.vault.store, three.vault.files) == Inventory(1, 0, 0)
        with three.reading() as uow, pytest.raises(NotFound):
            files.find(three.vault, uow, actor(V1), three.case, name)


class TestPages:
    def test_a_reader_is_told_of_the_files_and_may_keep_them(self, three: Scene) -> None:
        one = heard(three)
        item = gave(three, one.pseudonym)
        visitor = Visitor(three.app(), V2)
        path = f"/cases/{three.case}/testimony/{record_of(three, one)}/withdraw"
        page = visitor.get(path)
        assert "1 item of evidence that this witness gave" in page.text
        typed = {**hidden(page), "what": "interview", "reason": "witness_asks", "passphrase": V2.passphrase}
        assert visitor.post(path, {**typed, "keep_files": "yes"}).status_code == 200
        assert opens(three, item)

    def test_the_page_of_an_item_withdraws_it_with_the_passphrase_alone(self, three: Scene) -> None:
        item = gave(three, heard(three).pseudonym)
        visitor, path = Visitor(three.app(), V1), f"/cases/{three.case}/evidence/{item}"
        assert f"{path}/withdraw" in visitor.get(path).text
        form = {**hidden(visitor.get(f"{path}/withdraw")), "reason": "witness_asks"}
        answer = visitor.post(f"{path}/withdraw", {**form, "passphrase": "some other words by the river"})
        assert (answer.status_code, len(sentences(answer))) == (401, 1)
        assert opens(three, item)
        assert visitor.post(f"{path}/withdraw", {**form, "passphrase": V1.passphrase}).status_code == 200
        page = visitor.get(path).text
        assert "destroyed at the wish of who gave it" in page
        assert f"{path}/withdraw" not in page
        assert "destroyed at the wish of who gave it" in visitor.get(f"/cases/{three.case}/evidence").text
        again = visitor.post(f"{path}/withdraw", {**form, "passphrase": V1.passphrase})
        assert (again.status_code, len(sentences(again))) == (409, 1)
