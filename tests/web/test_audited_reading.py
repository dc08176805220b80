"""What looking at editions leaves in the audit chain: one entry for each look, never one for each row."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.cast import R1, V1
from tests.stage import DAY, Scene, actor, later
from tests.visitor import Visitor
from vault import corroboration
from vault.store.testimony import AuditRow


def _entries(scene: Scene) -> int:
    with scene.reading() as uow:
        return uow.testimony.scalar(select(func.count()).select_from(AuditRow)) or 0


def test_looking_through_the_editions_is_one_entry_however_many_there_are(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    for day in (later(-60), later(-30), DAY):
        with scene.writing() as uow:
            corroboration.cut(scene.vault, uow, actor(V1), scene.case, day)
    reviewer = Visitor(scene.app(), V1)
    before = _entries(scene)
    assert reviewer.get(f"/cases/{scene.case}/editions").status_code == 200
    assert _entries(scene) == before + 1
    assert reviewer.get(f"/cases/{scene.case}/editions/2/{scene.hospital}").status_code == 200
    assert _entries(scene) == before + 2
