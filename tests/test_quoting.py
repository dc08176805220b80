"""vault.quoting: a witness's own words beside the numbers of a statement, tried by each who signs"""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from config.settings import wording_texts
from tests.cast import C1, R1, V1, V2
from tests.quoting import USES, WORDS, decide, listed, propose, surround, told_by_a_doctor
from tests.readers import cut
from tests.rules.cast import AIR_STRIKE
from tests.speaking import AIRCRAFT, approve, considered, listing, prepare, publish
from tests.stage import DAY, After, Facts, Scene, actor, later
from tests.visitor import Api, Visitor, hidden
from vault import preparing, printing, publishing, quoting, statements, testimonies, verifier, withdrawals
from vault.errors import Conflict, NotFound, Refused
from vault.perishable import lasting
from vault.preparing import Considered
from vault.receipts import Receipt
from vault.rules.disclosure import NOT_NOW, Form
from vault.rules.sheets import Cell
from vault.rules.withdrawals import Scope
from vault.rules.wording import Wording
from vault.sealing.digests import unb64
from vault.sealing.signatures import signature
from vault.store.testimony import StatementPacketRow, StatementRow

TWO = Cell("aircraft.number", 2, "direct")
SAW_TWO = Cell("aircraft.number", 2, "saw")
CELLS = (AIRCRAFT, TWO)
Quoted = tuple[Scene, Receipt]


def upheld(scene: Scene) -> tuple[Facts, Receipt]:
    """A case with one quote, which another reviewer upheld."""
    told = told_by_a_doctor(scene)
    surround(scene)
    propose(scene, told)
    decide(scene)
    return scene._known, told


@pytest.fixture
def quoted(after: After) -> Quoted:
    scene, (facts, told) = after(upheld)
    scene._facts = facts
    scene.become(small_vault=True, public=True)
    return scene, told


def name(scene: Scene) -> str:
    """What the ledger calls the newest quote."""
    return listed(scene)[0].proposed.name


def tried(scene: Scene, *quotes: str, **changes: Any) -> Considered:
    return considered(scene, **{"cells": CELLS, "quotes": quotes or (name(scene),), **changes})


def cures(found: Considered) -> list[str]:
    assert found.document is None
    return [one.cure for one in found.refusals]


def no_longer(scene: Scene, told: Receipt, **consent: Any) -> None:
    """The witness allows less than before."""
    change = {"kind": "consent", "supersedes": told.digest, "pseudonym": told.pseudonym}
    raw = scene.interview(consent={"recording": True, **consent}, testimony="No longer.", **change)
    scene.hand_in(R1, scene.start(R1), raw)


def test_a_quote_is_prepared_approved_published_verified_and_printed_and_names_nobody(quoted: Quoted) -> None:
    scene, told = quoted
    prepared = prepare(scene, cells=CELLS, quotes=(name(scene),))
    approve(scene, V2, prepared)
    publish(scene, C1)
    (one,) = listing(scene)
    says = {"words": WORDS, "descriptor": "health_worker", "claims": [1]}
    assert one.statement.document["quotes"] == [says]
    with scene.reading() as uow:
        file = publishing.file_of(uow, statements.every(uow)[0])
    data = publishing.to_bytes(file)
    assert verifier.conclude(lambda: verifier.Given(data)).code == verifier.NOT_IN_LOG
    page = printing.html(file, AIR_STRIKE, Wording.parse(wording_texts()["en"]))
    assert f">{WORDS}<" in page
    assert "— a health worker" in page
    witness = listed(scene)[0].proposed.quote.witness
    for canary in (told.pseudonym, told.digest, witness, "doctor", "on the roof", name(scene)):
        assert canary not in page
        assert canary.encode() not in data


def test_what_nobody_upheld_is_not_quoted(quoted: Quoted) -> None:
    scene, told = quoted
    assert cures(tried(scene, "no such quote")) == [quoting.NOT_UPHELD.cure]
    propose(scene, told, words="Then it shook.")
    assert cures(tried(scene)) == [quoting.NOT_UPHELD.cure]
    decide(scene, upheld=False)
    assert cures(tried(scene)) == [quoting.NOT_UPHELD.cure]
    with scene.unkept() as uow:
        offered = quoting.offered(scene.vault, uow, actor(V1), (scene.case, scene.hospital), DAY)
    assert [one.quote.words for one in offered] == [WORDS]


@pytest.mark.parametrize(
    "changes", [{"cells": (AIRCRAFT,)}, {"cells": (AIRCRAFT, SAW_TWO)}, {"form": Form.LADDER}]
)
def test_every_claim_of_a_quote_is_an_exact_line_perceived_directly(
    quoted: Quoted, changes: dict[str, Any]
) -> None:
    assert quoting.NO_LINE.cure in cures(tried(quoted[0], **changes))


@pytest.mark.parametrize(
    "consent",
    [{"uses": [use for use in USES if use != "verbatim"]}, {"uses": USES, "embargo": later(30).isoformat()}],
)
def test_who_no_longer_allows_their_words_is_not_quoted_and_what_was_prepared_is_not_approved(
    quoted: Quoted, consent: dict[str, Any]
) -> None:
    scene, told = quoted
    prepared = prepare(scene, cells=CELLS, quotes=(name(scene),))
    no_longer(scene, told, **consent)
    assert cures(tried(scene))[0] == NOT_NOW.cure
    with pytest.raises(Refused) as refused:
        approve(scene, V2, prepared)
    assert refused.value.message == NOT_NOW.cure


def withdraw(scene: Scene, told: Receipt) -> None:
    withdrawals.by_receipt(scene.vault, told.withdrawal_token or "", Scope.INTERVIEW)


def test_what_quotes_a_witness_who_withdrew_is_read_by_nobody_and_neither_approved_nor_published(
    quoted: Quoted,
) -> None:
    scene, told = quoted
    prepared = prepare(scene, cells=CELLS, quotes=(name(scene),))
    approve(scene, V2, prepared)
    with scene.reading() as uow:
        (packet,) = publishing.waiting(uow, actor(C1))
        held = statements.find(uow, actor(V1), scene.case, prepared)
        signed = held.approved.signed(signature(held.statement.document, C1.code, C1.secret.signing))
    withdraw(scene, told)
    with scene.writing() as uow:
        assert publishing.waiting(uow, actor(C1)) == []
        with pytest.raises(Conflict, match="withdrawn"):
            publishing.publish(uow, actor(C1), packet.name, signed, DAY)
    with pytest.raises(Conflict, match="withdrawn"):
        approve(scene, V2, prepared)
    assert listing(scene) == ()
    with scene.reading() as uow:
        for row in uow.testimony.scalars(select(StatementRow)):
            with pytest.raises(NotFound):
                lasting(uow, row.sealed)
        for one in uow.testimony.scalars(select(StatementPacketRow)):
            with pytest.raises(NotFound):
                lasting(uow, one.sealed)
        assert statements.stopped(uow, actor(V1), scene.case) == (prepared,)
    with scene.writing() as uow:
        publishing.pull(uow, actor(V2), scene.case, prepared, DAY)
        assert statements.stopped(uow, actor(V1), scene.case) == ()


def test_what_was_published_stays_though_who_is_quoted_withdraws_and_names_no_record(quoted: Quoted) -> None:
    scene, told = quoted
    prepared = prepare(scene, cells=CELLS, quotes=(name(scene),))
    approve(scene, V2, prepared)
    record = unb64(listed(scene)[0].proposed.quote.record)
    with scene.reading() as uow:
        assert record in uow.testimony.scalars(select(StatementRow)).one().sealed
    publish(scene, C1)
    with scene.reading() as uow:
        assert record not in uow.testimony.scalars(select(StatementRow)).one().sealed
    withdraw(scene, told)
    (one,) = listing(scene)
    assert one.state is statements.State.PUBLISHED
    with scene.reading() as uow:
        assert statements.stopped(uow, actor(V1), scene.case) == ()


def test_that_fewer_are_counted_than_a_statement_says_is_shown_once_an_edition_says_it(
    quoted: Quoted,
) -> None:
    scene, _ = quoted
    approve(scene, V2, prepare(scene, cells=CELLS, quotes=(name(scene),)))
    publish(scene, C1)
    visitor, pages = Visitor(scene.app(), V2), []

    def look() -> None:
        pages.append(
            "counts fewer people than this says" in visitor.get(f"/cases/{scene.case}/statements").text
        )

    look()
    for days, others in ((30, 0), (60, 3)):
        for _ in range(others):
            scene.deposit(R1, scene.said("saw", subject="strike.took_place", value="yes"))
        with scene.reading() as uow:
            record = testimonies.everything(uow, actor(V1), scene.case)[0][0].record
        wish = {"scope": "interview", "reason": "witness_asks"}
        withdrawals.by_reader(scene.vault, actor(V1), (scene.case, record), wish, DAY)
        look()
        cut(scene, days)
        look()
    assert pages == [False, False, False, False, True]


def test_it_is_said_on_the_page_that_a_statement_is_stopped_and_it_is_taken_back_there(
    quoted: Quoted,
) -> None:
    scene, told = quoted
    prepared = prepare(scene, cells=CELLS, quotes=(name(scene),))
    withdraw(scene, told)
    visitor, path = Visitor(scene.app(), V2), f"/cases/{scene.case}/statements"
    page = visitor.get(path)
    assert "neither approved nor published" in page.text
    api = Api(scene.app(), V2).call("GET", f"/api{path}")
    assert api.get_json() == {"statements": [], "stopped": [prepared]}
    assert visitor.get(f"{path}/{prepared}").status_code == 409
    visitor.post(f"{path}/{prepared}/pull", hidden(page))
    assert "neither approved nor published" not in visitor.get(path).text


def test_what_lies_in_the_place_of_a_statement_and_is_none_is_no_one_that_is_stopped(quoted: Quoted) -> None:
    scene, _ = quoted
    prepare(scene, cells=CELLS, quotes=(name(scene),))
    for wrong in (b"WVP\x01", b"WVP\x01\x01short", b"nothing"):
        with scene.writing() as uow:
            uow.testimony.execute(update(StatementRow).values(sealed=wrong))
        assert listing(scene) == ()


def test_a_quote_that_the_ledger_does_not_have_like_this_is_not_approved(quoted: Quoted) -> None:
    scene, _ = quoted
    said = preparing.said_lines(tried(scene).document or {}, AIR_STRIKE)
    true = {"words": WORDS, "descriptor": "health_worker", "claims": [1]}
    with scene.reading() as uow:
        for change in ({}, {"words": "I saw three."}, {"descriptor": "resident"}, {"claims": [0]}):
            document = {"incident": scene.hospital, "quotes": [true | change]}
            found = quoting.named(scene.vault, uow, actor(V2), (scene.case, document), said)
            assert found == (("",) if change else (name(scene),))


def test_quotes_are_chosen_in_the_browser_and_by_clients(quoted: Quoted) -> None:
    scene, _ = quoted
    path = f"/cases/{scene.case}/editions/1/{scene.hospital}/statement"
    visitor, quote = Visitor(scene.app(), V1), name(scene)
    assert WORDS in visitor.get(path).text
    cells = [[one.subject, one.value, one.column] for one in CELLS]
    typed = {"form": "exact", "cell": [json.dumps(one) for one in cells], "quote": quote}
    looked = visitor.post(path, {**typed, "act": "look"}).text
    assert "Every gate is open" in looked
    assert looked.count(WORDS) > 1
    done = visitor.post(path, {**typed, "act": "prepare", "about-en": "the strike"})
    assert "— a health worker" in visitor.get(done.headers["Location"]).text
    client, asked = Api(scene.app(), V1), {"incident": scene.hospital, "lines": cells, "form": "exact"}
    where = f"/api/cases/{scene.case}/statements"
    assert client.call("POST", where, {**asked, "quotes": [quote]}).get_json()["shut"] == []
    assert client.call("POST", where, {**asked, "quotes": ["x"]}).get_json()["shut"] != []
    assert client.call("POST", where, {**asked, "quotes": quote}).status_code == 422
