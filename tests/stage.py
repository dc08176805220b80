"""A founded vault for tests: the cast is enrolled and the Sermin case is open, all by the real use cases.

Days are counted from today, because what goes over HTTP reads the clock. Founding happens once; each test
gets a copy of the three files.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from flask import Flask
from sqlalchemy import MetaData, select

from config.settings import vocabulary_texts
from tests import places
from tests.cast import CUSTODIANS, MEMBERS, THRESHOLD, V1, Person, following, founding, seed, signed_by
from vault import cases, drafts, enrolment, interviews, proposals
from vault import roster as rosters
from vault.drafts import Draft
from vault.founding import found_case
from vault.installation import Installation
from vault.keyrings import Actor
from vault.opening import entrust
from vault.receipts import Receipt
from vault.rules.access import Role
from vault.rules.vocabulary import Vocabulary
from vault.sealing.deposits import IDENTITY_SLOT_SIZE
from vault.sealing.digests import Json, b64, canonical, digest
from vault.sealing.keypairs import CHEAPEST
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed, signature
from vault.store import identities, shreds, testimony
from vault.store.slots import allocate_identities
from vault.store.unit_of_work import Store, UnitOfWork
from web.app import create_app

DAY = datetime.now(UTC).date()
LAST = DAY + timedelta(days=180)
DAYS = {"issued": DAY.isoformat(), "expires": LAST.isoformat()}
TEAM = {
    "R1": ["brief"],
    "R2": ["brief"],
    "V1": ["brief", "corroboration", "editions", "evidence"],
    "V2": ["brief", "testimony", "editions"],
}
IDENTITY = ("name", "other_names", "contact", "address", "notes")
PLAN = {
    "code": "S1",
    "title": "Air strikes, September to November 2015",
    "incidents": [
        {"title": "Field hospital, Sermin", "place": "Sermin", "date": "2015-10-20"},
        {"title": "Mosque, Jisr al-Shughour", "place": "Jisr al-Shughour", "date": "2015-10-01"},
    ],
}
TABLES: dict[str, MetaData] = {
    "testimony": testimony.Base.metadata,
    "identities": identities.Base.metadata,
    "shreds": shreds.Base.metadata,
}
T = TypeVar("T")
_COMES_AND_GOES = ("sessions", "challenges", "lanes", "daily")  # signing in is not storing, nor is counting


@dataclass(frozen=True)
class Facts:
    """What the founding gave: ids that are random each time."""

    case: str
    hospital: str
    mosque: str


_IDLE: list[Flask] = []  # applications that a scene had; to make one costs more than most requests do


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """The vocabularies, read once for all scenes."""
    return {name: Vocabulary.parse(text) for name, text in vocabulary_texts().items()}


class Scene:
    """A vault in a folder, and short ways to act in it by the use cases."""

    def __init__(self, folder: Path, facts: Facts | None = None) -> None:
        self.folder = folder
        self.settings = places.settings(folder)
        self.vault = self._installed()
        self._facts, self._apps = facts, list[tuple[Flask, object]]()

    @property
    def case(self) -> str:
        return self._known.case

    @property
    def hospital(self) -> str:
        return self._known.hospital

    @property
    def mosque(self) -> str:
        return self._known.mosque

    @property
    def _known(self) -> Facts:
        assert self._facts is not None, "the case is not open yet"
        return self._facts

    def app(self, new: bool = False) -> Flask:
        """An application over this vault, which no other scene has meanwhile; a new one takes further routes."""
        app = _IDLE.pop() if _IDLE and not new else create_app(self.settings)
        app.extensions["vault"].store.dispose()
        app.extensions["vault"] = self._installed()
        self._apps.append((app, _shape(app)))
        return app

    def keep(self) -> None:
        """Whoever opens this folder, or a copy, finds in it the case that is known now."""
        (self.folder / "facts.json").write_text(json.dumps(asdict(self._known)))

    def close(self) -> None:
        self.vault.store.dispose()
        for app, before in self._apps:
            app.extensions["vault"].store.dispose()
            if _shape(app) == before:  # else a test has changed it, and nobody else gets it
                _IDLE.append(app)

    def _installed(self) -> Installation:
        stores = Store(dict(self.settings.databases), self.settings.shreds_key)
        known = self.settings
        flags: dict[str, Any] = {"small_vault": known.small_vault, "public": known.public}
        flags |= {"log_key": known.log_key_file, "files": known.files_folder, "journal": known.journal_file}
        return Installation(stores, vocabularies(), CHEAPEST, 30, **flags)

    def become(self, **changes: bool) -> None:
        """From now on the vault has these settings."""
        self.vault.store.dispose()
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.vault = self._installed()

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """A unit of work, committed at the end."""
        with self.vault.store.work() as uow:
            yield uow
            uow.commit()

    def reading(self) -> UnitOfWork:
        return self.vault.store.read()

    def unkept(self) -> UnitOfWork:
        """A unit of work that nobody commits: the audit entries of what is read in it are dropped."""
        return UnitOfWork(self.vault.store.engines, writes=False, keks=self.vault.store.keks)

    def roster(self) -> Roster:
        with self.reading() as uow:
            return rosters.current(uow)

    # --- founding -------------------------------------------------------------------------------------------

    def found(self) -> None:
        """Everything up to the open case."""
        self.staff()
        case = self.open_case(PLAN, TEAM)
        with self.reading() as uow:
            names = [entry["incident"] for entry in cases.show(uow, actor(V1), case).incidents]
        self._facts = Facts(case, *names)

    def staff(self) -> None:
        """Founded, and the cast enrolled."""
        with self.writing() as uow:
            rosters.found(uow, signed_by({**founding(), **DAYS}, CUSTODIANS))
            allocate_identities(uow.identities, IDENTITY_SLOT_SIZE)
        self.carry(CUSTODIANS[0], invitations(self.roster(), MEMBERS))
        for member in MEMBERS:
            self.enrol(member)
        self.carry(CUSTODIANS[0], following(self.roster(), MEMBERS, **DAYS))

    def enrol(self, member: Person) -> None:
        """The member hands in their card."""
        with self.writing() as uow:
            invited = enrolment.invitation(uow, b64(seed(f"{member.code} invitation")), DAY)
            enrolment.accept(uow, invited, member.card, member.wrapped, CHEAPEST)

    def carry(self, proposer: Person, document: Json, attachments: Json = None) -> str:
        """Propose a document and have a quorum sign it."""
        with self.writing() as uow:
            name = proposals.propose(uow, actor(proposer), document, attachments, DAY)
        for custodian in CUSTODIANS[:THRESHOLD]:
            with self.writing() as uow:
                entry = signature(document, custodian.code, custodian.secret.signing)
                proposals.sign(uow, actor(custodian), name, entry, DAY)
        return name

    def open_case(self, plan: Json, team: dict[str, list[str]]) -> str:
        """A case that V1 proposes and a quorum opens; its id."""
        named = {**plan, "team": team}
        document, attachments = found_case(
            named, self.roster(), "V1", V1.secret.signing, self.vault.vocabularies
        )
        self.carry(V1, document, attachments)
        return str(document["case"])

    # --- interviews -----------------------------------------------------------------------------------------

    def start(self, member: Person, case: str = "", incident: str = "") -> Draft:
        return drafts.start(self.vault, actor(member), case or self.case, incident or self.hospital, DAY)

    def interview(self, *observations: Json, **changes: Any) -> dict[str, Any]:
        """A draft's JSON that is accepted, with some members changed."""
        return {
            "kind": "original",
            "consent": {"recording": True, "uses": ["corroboration"]},
            "interview": {"date": "2015-11-03", "language": "ar", "mode": "in_person"},
            "testimony": "I heard it before I felt it.",
            "observations": list(observations),
            **changes,
        }

    def said(self, *perception: str, subject: str = "aircraft.present", **changes: Any) -> dict[str, Any]:
        """One observation on the hospital."""
        return {"incident": self.hospital, "subject": subject, "perception": list(perception), **changes}

    def deposit(self, member: Person, *observations: Json, **changes: Any) -> Receipt:
        """An interview, deposited by a member."""
        return self.hand_in(member, self.start(member), self.interview(*observations, **changes))

    def hand_in(self, member: Person, draft: Draft, raw: Json) -> Receipt:
        return interviews.deposit(self.vault, actor(member), draft, raw)

    def seal_identity(
        self, draft: Draft, identity: dict[str, str], roster: Roster | None = None
    ) -> dict[str, Any]:
        """What the researcher's device makes of an identity."""
        texts = {name: identity.get(name, "") for name in IDENTITY}
        named = {"format": "witness-vault/v1/identity", "pseudonym": draft.pseudonym}
        payload = canonical({**named, **texts})
        return entrust(payload, "identity", draft.identity_record, roster or self.roster())

    # --- what is stored -------------------------------------------------------------------------------------

    def contents(self) -> dict[str, Counter[tuple[Any, ...]]]:
        """Every row of every table except sessions, challenges, lanes and counts."""
        rows = {}
        with self.reading() as uow:
            for database, metadata in TABLES.items():
                connection = getattr(uow, database).connection()
                for name, table in metadata.tables.items():
                    if name not in _COMES_AND_GOES:
                        rows[name] = Counter(map(tuple, connection.execute(select(table))))
        return rows

    def taken(self) -> dict[str, int]:
        """How many slots of each half, and identities, are taken."""
        with self.reading() as uow:
            slots = uow.testimony.scalars(
                select(testimony.SlotRow.half).where(testimony.SlotRow.taken.is_(True))
            ).all()
            sealed = uow.identities.scalars(
                select(identities.IdentitySlotRow.record).where(identities.IdentitySlotRow.taken.is_(True))
            ).all()
        return {half: slots.count(half) for half in cases.HALVES} | {"identities": len(sealed)}


def _shape(app: Flask) -> object:
    """What a test may have changed in an application."""
    hooks = [list(found[None]) for found in (app.before_request_funcs, app.after_request_funcs)]
    return app.wsgi_app, app.jinja_loader, dict(app.view_functions), hooks


class After(Protocol):
    """Gives a copy of the scene in which this was done once, and what doing it gave."""

    def __call__(self, act: Callable[[Scene], T], /) -> tuple[Scene, T]: ...


def actor(person: Person) -> Actor:
    """Whom a use case sees after this person has signed in."""
    if person in CUSTODIANS:
        return Actor(person.code, Role.CUSTODIAN)
    return Actor(person.code, Role(person.role) if person in MEMBERS else Role.PENDING, person.secret)


def invitations(roster: Roster, people: tuple[Person, ...], **changes: Any) -> dict[str, Any]:
    """The document that invites these people."""
    entries = [
        {
            "code": person.code,
            "role": person.role,
            "token": b64(digest("invitation", seed(f"{person.code} invitation"))),
        }
        for person in people
    ]
    return {
        "format": "witness-vault/v1/invitations",
        "vault": roster.vault,
        "roster": roster.version,
        "expires": LAST.isoformat(),
        "invitations": entries,
        **changes,
    }


def signed_alone(document: Json, person: Person) -> Signed:
    """The document with one signature."""
    return signed_by(document, [person])


def found_once(folder: Path) -> None:
    """Found a vault in a folder with migrated files; what is random about it is written beside them."""
    scene = Scene(folder)
    scene.found()
    scene.keep()
    scene.close()


def copied(staged: Path, folder: Path) -> Scene:
    """A copy of a founded vault."""
    return opened(places.copy(staged, folder))


def opened(folder: Path) -> Scene:
    """The vault that was founded in a folder."""
    return Scene(folder, Facts(**json.loads((folder / "facts.json").read_text())))


def lately() -> set[str]:
    """The days on which something may have been done: a run of the tests may go on past midnight."""
    return {DAY.isoformat(), datetime.now(UTC).date().isoformat()}


def later(days: int) -> date:
    """A day after the founding."""
    return DAY + timedelta(days=days)
