"""vault.receiving: what somebody who was given a sheet can tell without the vault"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.answered import Answered, answered, given_out, upheld
from tests.cast import C1, V1, V2
from tests.proofs import PROVEN, V3
from tests.speaking import speaker
from tests.stage import After, Scene
from vault import publishing, statements
from vault.answering import digest_of
from vault.errors import Tampered
from vault.receiving import cited, received
from vault.sealing.digests import canonical
from vault.sealing.signatures import signature, with_signatures

pytestmark = pytest.mark.both


@pytest.fixture
def there(after: After) -> tuple[Scene, Answered]:
    scene, made = after(answered)
    scene._facts = made.facts
    return scene, made


@pytest.fixture
def given(there: tuple[Scene, Answered]) -> dict[str, Any]:
    """A sheet as it left."""
    scene, made = there
    published = given_out(scene, upheld(scene, made)).published
    assert published is not None
    return published


def file_of(raw: Any) -> bytes:
    return json.dumps(raw, ensure_ascii=False).encode()


def changed(raw: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> bytes:
    other = copy.deepcopy(raw)
    change(other)
    return file_of(other)


def test_who_received_a_sheet_learns_who_signed_it_and_whose_vault_it_is(
    there: tuple[Scene, Answered], given: dict[str, Any]
) -> None:
    found = received(file_of(given))
    assert (found.signers, found.digest) == (("V1", "V2"), digest_of(given["sheet"]["document"]))
    with there[0].reading() as uow:
        (one,) = statements.every(uow)
        data = publishing.to_bytes(publishing.file_of(uow, one))
    named = cited(found.sheet, [data])
    assert set(named) == {there[1].statement}
    assert named[there[1].statement] is not None
    assert cited(found.sheet, []) == {there[1].statement: None}


def test_every_change_of_a_received_sheet_is_noticed(given: dict[str, Any]) -> None:
    document = given["sheet"]["document"]
    changes: list[Callable[[dict[str, Any]], object]] = [
        lambda raw: raw["sheet"]["document"]["about"].update(en="nothing"),
        lambda raw: raw["sheet"]["document"]["points"][0]["answers"][0].update(line=0),
        lambda raw: raw["sheet"]["document"]["points"].pop(),
        lambda raw: raw["sheet"]["signatures"].pop(),
        lambda raw: raw["sheet"]["signatures"].clear(),
        lambda raw: raw["rosters"].pop(),
        lambda raw: raw["rosters"][-1]["document"].update(expires="2099-01-01"),
        lambda raw: raw.update(format="witness-vault/v1/published"),
        lambda raw: raw.update(more=1),
        lambda raw: raw.pop("rosters"),
    ]
    for change in changes:
        with pytest.raises(Tampered):
            received(changed(given, change))
    one = signature(document, "V1", speaker(V1).keys.signing)
    for entries in ([one], [one, signature(document, "C1", C1.secret.signing)], [one, one]):
        other = {**given, "sheet": {"document": document, "signatures": entries}}
        with pytest.raises(Tampered):
            received(file_of(other))
    third = signature(document, "V3", speaker(V3).keys.signing)
    more = with_signatures(document, [*given["sheet"]["signatures"], third])
    with pytest.raises(Tampered, match="two reviewers"):
        received(file_of({**given, "sheet": more}))
    elsewhere = {**document, "vault": PROVEN.document["vault"][::-1]}
    signed = [signature(elsewhere, code, speaker(who).keys.signing) for code, who in (("V1", V1), ("V2", V2))]
    with pytest.raises(Tampered, match="two reviewers"):
        received(file_of({**given, "sheet": with_signatures(elsewhere, signed)}))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format": 1}'])
def test_what_is_no_sheet_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(Tampered, match="rebuttal sheet"):
        received(data)


def test_a_statement_that_does_not_hold_or_is_not_named_is_refused(
    there: tuple[Scene, Answered], given: dict[str, Any]
) -> None:
    sheet = received(file_of(given)).sheet
    with pytest.raises(Tampered):
        cited(sheet, [b"{}"])
    with pytest.raises(Tampered, match="does not name"):
        cited(sheet, [PROVEN.data])
    far = json.loads(canonical(sheet))
    far["points"][0]["answers"][0].update(line=99)
    with there[0].reading() as uow:
        data = publishing.to_bytes(publishing.file_of(uow, statements.every(uow)[0]))
    with pytest.raises(Tampered, match="a line"):
        cited(far, [data])
