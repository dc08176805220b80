"""A cut that takes a while: done by a thread of this process with the keys of whoever asked, which nobody else sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread

from flask import Flask, current_app
from flask_login import current_user

from vault import cases, corroboration, editions, index, sessions, works
from vault.errors import NotFound
from vault.works import Told, Work
from web import faults, refusals
from web.auth import actor, now, today, vault

AT_ONCE = 100  # records: a third of a second


def begun(case: str) -> Work | None:
    """The work in which a large case is cut, now or already; None where the case is small, and cut at once."""
    with vault().store.read() as uow:
        found = cases.show(uow, actor(), case)
        if index.size(uow, found.file) <= AT_ONCE:
            return None
        number = len(editions.shelf(vault(), uow, actor(), case, today()).editions) + 1
    work, new = works.begin(vault(), current_user.token, {"case": case, "edition": number}, now())
    if new:
        # A daemon: whoever stops the vault need not wait, since a cut is one transaction and nothing is half done.
        Thread(target=_carry_out(work), name="cut", daemon=True).start()
    return work


def find(case: str, name: str) -> Work:
    """One of this session's cuts of a case. Raises NotFound."""
    work = works.look(vault(), current_user.token, name)
    if work.about["case"] != case:
        raise NotFound("There is no such page.")
    return work


def is_cut(work: Work) -> bool:
    """Whether the edition is there, though nothing may have been heard of it."""
    with vault().store.read() as uow:
        shelf = editions.shelf(vault(), uow, actor(), str(work.about["case"]), today())
    return len(shelf.editions) >= int(work.about["edition"])


def pause(work: Work) -> int:
    """After how many seconds to look again: ever more, so that who listens to the page is not told all the time."""
    return min(15, max(2, (work.heard - work.began) // 4))


def _carry_out(work: Work) -> Callable[[], None]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    installed, who = vault(), actor()
    token, day, case = current_user.token, today(), str(work.about["case"])

    def act(told: Told) -> None:
        corroboration.read_ahead(installed, who, case, day, told)
        told(1, 1)
        with installed.store.work() as uow:
            # Whose keys were revoked meanwhile, or who left every device, cuts nothing any more.
            corroboration.cut(installed, uow, sessions.still(uow, token, datetime.now(UTC)), case, day)
            uow.commit()

    def run() -> None:
        with app.app_context():
            try:
                error = works.carry_out(installed, token, work, act)
                if error is not None:
                    refusals.write_down_later(error, who.code, "editions.cut_post")
            except Exception as fault:
                faults.tell(fault)

    return run
