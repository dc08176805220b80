"""vault.quoting: a witness's own words beside the numbers of a statement, tried by each who signs"""

from __future__ import annotations

import json
from typing import Any

import pytest

from config.settings import wording_texts
from tests.cast import C1, R1, V1, V2
from tests.quoting import USES, WORDS, decide, listed, propose, surround, told_by_a_doctor
from tests.rules.cast import AIR_STRIKE
from tests.speaking import AIRCRAFT, approve, considered, listing, prepare, publish
from tests.stage import DAY, After, Facts, Scene, actor, later
from tests.visitor import Api, Visitor
from vault import preparing, printing, publishing, quoting, statements, verifier
from vault.errors import Refused
from vault.preparing import Considered
from vault.receipts import Receipt
from vault.rules.disclosure import NOT_NOW, Form
from vault.rules.sheets import Cell
from vault.rules.wording import Wording

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
    with scene.reading() as uow:
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
