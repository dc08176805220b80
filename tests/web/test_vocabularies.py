"""Every vocabulary in the long form: each claim has its line, and each of its first values is taken."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.cast import R1, V1
from tests.stage import DAY, PLAN, TEAM, Scene, actor
from tests.visitor import Visitor
from vault import cases
from vault.rules.vocabulary import Subject


def first_value(subject: Subject) -> str:
    return next(iter(subject.codes), str(subject.minimum or ""))


@pytest.mark.parametrize("name", ["air-strike", "shelling", "detention"])
def test_a_researcher_fills_in_every_line(scene: Scene, name: str) -> None:
    vocabulary = scene.vault.vocabularies[name]
    event = {"title": "Incident", "place": "Place", "date": "2015-10-20", "vocabulary": name}
    case = scene.open_case({**PLAN, "code": "S2", "incidents": [event]}, TEAM)
    with scene.reading() as uow:
        (incident,) = (found["incident"] for found in cases.show(uow, actor(V1), case).incidents)
    claims = [subject.code for subject in vocabulary.subjects]
    researcher = Visitor(scene.app(), R1)
    path, hidden = researcher.start(case, incident)
    page = researcher.get(path).get_data(as_text=True)
    assert re.findall(r'name="obs-[0-9]+-subject" value="([^"]+)"', page) == claims

    form: dict[str, Any] = {**hidden, "consent-recording": "yes", "kind": "original", "act": "check"}
    form |= {
        "date": (DAY - timedelta(1)).isoformat(),
        "language": "ar",
        "mode": "in_person",
        "testimony": "T.",
    }
    for subject in vocabulary.subjects:
        row = f"obs-{claims.index(subject.code)}"
        form |= {f"{row}-perception": ["saw"], f"{row}-value": first_value(subject)}
    assert researcher.post(path, form).status_code == 204
    assert researcher.post(path, {**form, "act": "deposit"}).status_code == 200
