"""Attack 22: a hostile server. What could its program do with what it imports, and what do its lies get of people?"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from drill.attack import Attack, Finding, Leak
from drill.custody import configured
from drill.world import World
from migrations import upgrade
from tests.cast import C1, C2, C3, R2, V2
from tests.cli import lying
from tests.cli.line import Line, open_line
from tests.cli.lying import Heist, robbed
from tests.rules.cast import ROOT
from tests.stage import Scene, found_once, opened
from vault import cases
from vault import roster as rosters
from vault.errors import VaultError
from vault.sealing import signatures
from vault.sealing.digests import Json
from vault.store.unit_of_work import DATABASES

# --- what the server's program could do -----------------------------------------------------------------------------

_PACKAGES = ("web", "vault", "config")
_MEET = "vault.sealing.shares"  # where shares are combined
_OPENS = "open_share"  # what a custodian's key opens
_OUT_OF_REACH = (_MEET, "vault.opening", "vault.ceremony", "vault.recognition", "vault.releasing")
_TOLD = "an approval of a key of the server's"
_FEW, _MANY = 18, 100  # of so many lies the drill tells one, below so many witnesses


def in_reach(folder: Path) -> list[str]:
    """What of that which only members' own devices do is within the reach of `web`, wherever an import stands."""
    there = {
        _named(path.relative_to(folder)): path for one in _PACKAGES for path in (folder / one).rglob("*.py")
    }
    waiting = [name for name in there if name.partition(".")[0] == "web"]
    found, known = set[str](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in there and name not in known:
            known.add(name)
            imported, opens = _read(there[name].read_bytes())
            waiting += imported
            found |= {f"{_OPENS} in {name}"} if opens else set()
    return sorted(found | known.intersection(_OUT_OF_REACH))


def _named(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def _read(source: bytes) -> tuple[frozenset[str], bool]:
    """What a module names that may be a module, in imports and in texts; and whether it opens a share."""
    named, opens = set[str](), False
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                named |= {one.name for one in names}
            case ast.ImportFrom(names=names, module=str(package)):
                named |= {package, *(f"{package}.{one.name}" for one in names)}
            case ast.Constant(str(text)) if text in _OUT_OF_REACH:
                named.add(text)
            case ast.Attribute(attr=name) | ast.Name(id=name):
                opens |= name == _OPENS
    return frozenset(named), opens


# --- what its lies get ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lie:
    """What the server says instead of the truth, when it is asked what, and what somebody does who hears it."""

    what: str
    asked: tuple[str, str]
    says: Callable[[Json], Json]
    act: Callable[[], object]
    harmless: frozenset[str] = frozenset(lying.HARMLESS)

    def gets(self, line: Line) -> bool:
        """Whether it was believed, or anything came of it that the server did not have."""
        line.lie(*self.asked, self.says)
        before = len(line.heard)
        try:
            self.act()
        except VaultError:
            sent = {call for call, _ in line.heard[before:] if call.startswith("POST")}
            return not sent <= self.harmless
        finally:
            line.lies.clear()
        return True


def lies(heist: Heist, folder: Path) -> Iterator[Lie]:
    """To whoever looks at the list of members, or at a case; to a custodian who decides; to the requester."""
    access = ("GET", f"/api/cases/{heist.line.scene.case}/access")
    for (act, does), (lie, says) in product(lying.WITH_ROSTERS.items(), lying.LIES_ABOUT_ROSTERS.items()):
        yield Lie(
            f"{act} on a list of members that is {lie}", lying.ROSTERS, says, partial(does, heist, folder)
        )
    for (act, does_), (lie, says) in product(lying.WITH_CASES.items(), lying.CASES.items()):
        yield Lie(f"a reviewer {act} on {lie}", access, says, partial(does_, heist))
    for lie, made in lying.SHOWN.items():
        yield Lie(f"an approval of {lie}", ("GET", "/api/openings"), made(heist), partial(heist.approve, C1))
    heist.approve(C1, C2, C3)
    for lie, made in lying.HANDED.items():
        asks = frozenset({*lying.HARMLESS, "POST /api/redemptions"})
        yield Lie(f"a secret from {lie}", ("POST", "/api/redemptions"), made(heist), heist.combine, asks)


def lied(chosen: Callable[[Iterable[Lie]], Iterable[Lie]]) -> tuple[list[str], bool]:
    """Which of the lies that were chosen got something; and whether the truth then gets the approved secret."""
    with (
        TemporaryDirectory(prefix="witness-vault-drill-") as folder,
        _founded(Path(folder) / "vault") as scene,
        open_line(scene, Path(folder) / "profiles") as line,
    ):
        heist = robbed(line)
        line.profile(V2), line.profile(R2)  # who has seen the true lists of members
        got = [one.what for one in chosen(lies(heist, Path(folder))) if one.gets(line)]
        with suppress(VaultError):
            heist.combine()
        return got, lying.NAME in line.said.out


@contextmanager
def _founded(folder: Path) -> Iterator[Scene]:
    folder.mkdir()
    for name in DATABASES:
        upgrade(name, f"sqlite:///{folder / name}.db")
    found_once(folder)
    scene = opened(folder)
    try:
        yield scene
    finally:
        scene.close()


# --- the attack -----------------------------------------------------------------------------------------------------


def _hostile(world: World, source: Path = ROOT) -> Finding:
    got = in_reach(source)
    if got:
        return Finding(f"the server's program reaches {', '.join(got)}", False)
    every = 1 if len(world.truth.witnesses) >= _MANY else _FEW
    got, works = lied(lambda them: islice(them, every // 2, None, every))
    if got:
        return Finding(f"the server gets {', '.join(got)}", False)
    text = "Nothing that the server imports combines shares or opens one. None of its lies gets an approval or a share."
    return Finding(f"{text} (The truth gets both; so the attack works.)", works)


def _one_import_more(world: World) -> Finding:
    """In a copy of the source, one page's module imports the custodians' half."""
    with TemporaryDirectory(prefix="witness-vault-drill-") as folder:
        for one in _PACKAGES:
            shutil.copytree(ROOT / one, Path(folder) / one, ignore=shutil.ignore_patterns("*.pyc", "static"))
        with (Path(folder) / "web/openings.py").open("a") as file:
            file.write("\n\ndef combined():\n    from vault import opening\n    return opening.combine\n")
        return _hostile(world, Path(folder))


def _unverified(_: World) -> Finding:
    """Custodians' devices take a signature for good."""
    try:
        with patch.object(signatures, "verify", lambda *_: None):
            got, _works = lied(lambda them: islice((one for one in them if _TOLD in one.what), 1))
    finally:
        rosters.verified.cache_clear()
        cases._verified.cache_clear()
    return Finding(f"the server gets {', '.join(got)}", not got)


ATTACKS = (
    Attack(
        22,
        "A hostile server: what its program could do, and its lies to researchers, requesters and custodians",
        "no import leads to where shares are opened or combined, and no lie gets an approval or a share",
        "0",
        _hostile,
        configured("the server opens them itself"),
        (
            Leak("one page's module imports the custodians' half", _one_import_more),
            Leak("custodians' devices look at no signature", _unverified),
        ),
    ),
)
