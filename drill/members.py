"""Attacks with what members have: a researcher's device, a passphrase alone, a session or its cookie."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import update

from drill.attack import Attack, Finding, Leak
from drill.custody import MEMBERS, burglar, configured, named, of_cases, planted, robbed
from drill.thief import Thief
from drill.world import World
from tests.cast import R1, R2, V2
from tests.stage import Scene, actor
from tests.visitor import SESSION, Visitor
from vault import cases, keyrings, sessions
from vault.errors import VaultError
from vault.founding import grants
from vault.sealing.digests import b64, unb64
from vault.sealing.keypairs import DEVICE_KEY_SIZE
from vault.sealing.members import unwrap_member
from vault.sealing.words import spell_device_key
from vault.store.shreds import SessionRow
from vault.store.testimony import GrantRow, MemberRow
from vault.store.unit_of_work import UnitOfWork

# --- 8: a researcher's device and passphrase --------------------------------------------------------------------


def _researcher(world: World) -> Finding:
    """R1, of whom briefs and drafts are R1's own to read; and nothing of R2's."""
    thief = robbed(world, R1)
    names = len(thief.knows(*named(world.truth.witnesses)))
    pseudonyms = len(thief.knows(*(one.pseudonym for one in world.truth.witnesses)))
    testimonies, coded, _ = of_cases(thief)
    own, others = _drafts(thief), _drafts(robbed(world, R2))
    drafts = len(own & others)
    briefs = sum(b'"witness-vault/v1/brief"' in content for content in thief.opened)
    text = (
        f"{names} identities, {pseudonyms} pseudonyms of deposits, {testimonies} testimonies, {coded} observations, "
        f"{drafts} drafts of another researcher; of the briefs of their own cases, "
        f"{'all' if briefs >= len(thief.loot.cases) else 'not all'}."
    )
    nothing = (names, pseudonyms, testimonies, coded, drafts) == (0, 0, 0, 0, 0)
    works = briefs >= len(thief.loot.cases) and bool(own) and bool(others)
    return Finding(text, nothing and works)


def _drafts(thief: Thief) -> set[bytes]:
    return {content for content in thief.opened if b'"witness-vault/v1/draft"' in content}


def _granted_too_much(world: World) -> Finding:
    def plant(scene: Scene, uow: UnitOfWork) -> None:
        file = cases.find(uow, scene.case)
        known = dict(keyrings.case_keys(uow, actor(V2), file, "testimony"))
        (made,) = grants(file, known, scene.roster(), [("R1", ("testimony", 1))])
        row = {"key": "testimony", "version": 1, "member": "R1", "sealed": unb64(made["sealed"])}
        uow.testimony.add(GrantRow(case=unb64(scene.case), **row))

    return planted(world, plant, _researcher)


# --- 10: a passphrase without the device key --------------------------------------------------------------------


def _passphrase(world: World) -> Finding:
    """Every member's right passphrase, with every 32 bytes that lie in the vault, or follow from it, as device key."""
    thief = burglar(world.vault)
    texts = [person.passphrase.encode() for person in MEMBERS]
    candidates = [bytes(DEVICE_KEY_SIZE), *(hashlib.sha256(text).digest() for text in texts), *thief.keys]
    opened, works = 0, True
    for person in MEMBERS:
        wrapped = thief.loot.member(person.code)
        opened += any(_unwraps(wrapped, person.code, person.passphrase, key) for key in candidates)
        works &= _unwraps(
            wrapped, person.code, person.passphrase, person.device_key
        )  # else it proves nothing
    text = f"{opened} of {len(MEMBERS)} members' keys, with whatever 32 bytes are stored tried as the device key."
    return Finding(text, works and opened == 0)


def _unwraps(wrapped: object, code: str, passphrase: str, device_key: bytes) -> bool:
    try:
        unwrap_member(wrapped, code, passphrase, device_key)
    except VaultError:
        return False
    return True


def _device_key_kept(world: World) -> Finding:
    def plant(_: Scene, uow: UnitOfWork) -> None:
        row = uow.testimony.get_one(MemberRow, V2.code)
        row.card = json.dumps({**json.loads(row.card), "device": b64(V2.device_key)})

    return planted(world, plant, _passphrase)


# --- 18: the store of sessions without a cookie, a cookie without the store -------------------------------------


def _session(world: World) -> Finding:
    """V2 has signed in when everything is taken; then signs out, and the cookie is tried on what is left."""
    with world.copy() as robbed_one, robbed_one.served() as scene:
        token = _sign_in(scene)
        store = Thief(robbed_one.vault).attack()
        both = _with(store.partner(), token)
        archived = _with(Thief(robbed_one.vault, world.vault), token)  # other shreds: no session of today
        sessions.sign_out(scene.vault, token)
        over = _with(Thief(robbed_one.vault), token)
        found = [_opens(one) for one in (store, archived, over)]
        answer = _presented(scene, token)
    said = ["all that V2 may read" if one else "nothing" for one in found]
    text = (
        f"The store alone: {said[0]}. The cookie with an archive: {said[1]}; after signing out, with everything: "
        f"{said[2]}; shown to the server: {answer}. (Both together open what V2 may read; so the attack works.)"
    )
    return Finding(text, not any(found) and _opens(both) and answer == "sign in")


def _token_kept(world: World) -> Finding:
    with world.copy() as robbed_one, robbed_one.served() as scene:
        token = _sign_in(scene)
        with scene.writing() as uow:
            own = SessionRow.id == sessions.session_name(token)
            uow.shreds.execute(update(SessionRow).where(own).values(id=unb64(token)))
        opens = _opens(Thief(robbed_one.vault).attack())
    return Finding(f"The store alone: {'all that V2 may read' if opens else 'nothing'}.", not opens)


def _sign_in(scene: Scene) -> str:
    key = spell_device_key(V2.device_key)
    return sessions.sign_in(scene.vault, V2.code, V2.passphrase, key, datetime.now(UTC))


def _with(thief: Thief, token: str) -> Thief:
    thief.learn(unb64(token))
    return thief.attack()


def _opens(thief: Thief) -> bool:
    return any(of_cases(thief)) or any(b'"witness-vault/v1/brief"' in content for content in thief.opened)


def _presented(scene: Scene, token: str) -> str:
    visitor = Visitor(scene.app())
    visitor.cookie(SESSION, token)
    asked = visitor.get(f"/cases/{scene.case}/testimony")
    return "sign in" if asked.headers.get("Location") == "/sign-in" else f"{asked.status_code}"


ATTACKS = (
    Attack(
        8,
        "A researcher's device and passphrase, with all files",
        "what that researcher sees anyway opens: briefs of their cases, their own drafts",
        "0",
        _researcher,
        configured("whoever signs in is shown everything"),
        (Leak("the researcher was granted the key of the testimony", _granted_too_much),),
    ),
    Attack(
        10,
        "Every member's right passphrase, without the device keys, with all files",
        "nothing opens",
        "0: a device key is 256 random bits",
        _passphrase,
        configured("a passphrase opens nothing, and protects nothing"),
        (Leak("a member's card, as it is stored, holds the device key", _device_key_kept),),
    ),
    Attack(
        18,
        "The store of sessions without a cookie; a cookie without the store",
        "nothing opens, and nobody is signed in",
        "0: the token is 256 random bits",
        _session,
        configured("no session is needed"),
        (Leak("the token itself stands in the row, not its hash", _token_kept),),
    ),
)
