"""The same-person ceremony, held by the use cases: from what a reviewer asks to what k custodians hand in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.cast import C1, C2, C3, V2, Person
from tests.stage import DAY, Scene, actor
from vault import matching, recognition
from vault import roster as rosters
from vault.drafts import Draft
from vault.opening import entrust
from vault.recognition import Settle
from vault.rules.matching import MatchRecord
from vault.sealing import casefiles, matches
from vault.sealing.digests import Json
from vault.sealing.members import KeyFile
from vault.sealing.rosters import at, verify_chain
from vault.sealing.signatures import Signed, sign

YUSUF = {
    "name": "Yusuf Quillfeather",
    "birth_from": 1970,
    "birth_to": 1975,
    "place": "Thornabout",
    "phone": "4711",
}
ALIKE = {**YUSUF, "name": "يوسف Quillfether"}
DOUBTFUL = {**YUSUF, "name": "Youssef Quillfeather", "phone": ""}
OTHER = {"name": "Omar Saleh", "phone": "0815"}


def sealed_match(scene: Scene, draft: Draft, record: Json) -> dict[str, Any]:
    """What the researcher's device makes of a match record."""
    payload = matches.payload(MatchRecord.parse(record).to_json())
    return entrust(payload, "match", draft.match_record, scene.roster())


def ask(scene: Scene, reviewer: Person = V2, day: date = DAY) -> Signed:
    """What a reviewer's device makes of the list that the server gives."""
    with scene.writing() as uow:
        shown = matching.names(scene.vault, uow, actor(reviewer), scene.case, day)
        roster = rosters.current(uow)
    file = casefiles.verify_chain(shown["case"], at([*history(scene)]))
    assert reviewer.request is not None
    document = matches.request(file, roster, reviewer.code, DAY.isoformat(), shown["incidents"])
    return signed_by_request(document, reviewer)


def signed_by_request(document: Any, reviewer: Person) -> Signed:
    assert reviewer.request is not None
    return sign(document, reviewer.code, reviewer.request)


def history(scene: Scene) -> Sequence[Any]:
    with scene.reading() as uow:
        return rosters.history(uow)


def fetch(scene: Scene, signed: Signed) -> dict[str, Any]:
    """What a custodian's device carries to the ceremony."""
    with scene.writing() as uow:
        who, names = actor(C1), sorted(matches.records_of(signed["document"]))
        found = matching.records(uow, who, signed, names, DAY)
        case, chain = matching.case_of(uow, who, signed), rosters.chain(uow)
    return {"format": recognition.EXPORT, "rosters": chain, "case": case, "request": signed, "records": found}


def sit(export: Json, settle: Settle, people: Sequence[Person] = (C1, C2, C3)) -> dict[str, Any]:
    """The ceremony, from what was carried alone."""
    export = json.loads(json.dumps(export))
    sitting = recognition.convene(verify_chain(export["rosters"]), export, files(people), DAY.isoformat())
    found, _ = recognition.recognise(sitting, export["records"], settle)
    return recognition.conclude(sitting, found, DAY.isoformat())


def files(people: Sequence[Person]) -> list[KeyFile]:
    return [KeyFile(one.code, (), (one.secret,), None) for one in people]


def hand_in(scene: Scene, result: Json) -> None:
    with scene.writing() as uow:
        matching.keep(uow, actor(C2), result["case"], result["sealed"], DAY)


def nobody(*_: MatchRecord) -> bool | None:
    raise AssertionError("nothing is in doubt")


def settled(scene: Scene, settle: Settle = nobody, day: date = DAY) -> None:
    """From the request, which is made on a day, to the result."""
    hand_in(scene, sit(fetch(scene, ask(scene, day=day)), settle))
