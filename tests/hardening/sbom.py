"""What the program is made of, as a CycloneDX document: `make sbom`. The same files give the same bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parents[2]
VENDORED = ("web/static/vendor", "tests/browser/vendor")
TAKEN = ("vault/fonts/Amiri-Regular.ttf",)  # others' work that no CHECKSUMS names
_PROJECT = "witness-vault"
_PIN = re.compile(r"([a-z0-9-]+)==([^\s;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"# +(?:via )?([a-z0-9-]+)")


@dataclass(frozen=True)
class Locked:
    """A package of requirements.lock: its hashes (of every form in which it may be installed), and who asks for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    via: frozenset[str]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def locked() -> list[Locked]:
    """Every package of requirements.lock."""
    found = []
    for block in re.split(r"\n(?=[a-z])", (ROOT / "requirements.lock").read_text("utf-8")):
        pin = _PIN.match(block)
        assert pin is not None
        notes = [line.strip() for line in block.splitlines() if line.strip().startswith("#")]
        via = frozenset(match[1] for match in map(_VIA.match, notes) if match and match[1] != "via")
        found.append(Locked(pin[1], pin[2], tuple(_HASH.findall(block)), via))
    return found


def served(packages: Iterable[Locked]) -> set[str]:
    """The names of the packages that a running vault needs; the others are for whoever works on it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[\[<>=; ]", one)[0] for one in project["dependencies"]}
    while more := {one.name for one in packages if one.via & wanted} - wanted:
        wanted |= more
    return wanted


def document() -> dict[str, Any]:
    """The whole document."""
    packages = locked()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    about = {"type": "application", "bom-ref": _PROJECT, "name": _PROJECT, "version": project["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**about, "licenses": [{"license": {"id": project["license"]}}]}},
        "components": [*_python(packages), *_javascript(), *_files()],
        "dependencies": list(_dependencies(packages)),
    }


def _python(packages: Iterable[Locked]) -> Iterator[dict[str, Any]]:
    needed = served(packages)
    for one in packages:
        scope = "required" if one.name in needed else "excluded"
        about = {"name": one.name, "version": one.version, "scope": scope, "purl": one.purl}
        hashes = [{"alg": "SHA-256", "content": content} for content in one.hashes]
        yield {"type": "library", "bom-ref": one.purl, **about, "hashes": hashes}


def _javascript() -> Iterator[dict[str, Any]]:
    """The packages of which the vendored modules are bundled."""
    lock = json.loads((ROOT / VENDORED[0] / "package-lock.json").read_text("utf-8"))
    for place, one in sorted(lock["packages"].items()):
        if place and not one.get("dev"):
            name = place.removeprefix("node_modules/")
            purl = f"pkg:npm/{quote(name)}@{one['version']}"
            content = base64.b64decode(one["integrity"].removeprefix("sha512-")).hex()
            about = {"name": name, "version": one["version"], "scope": "required", "purl": purl}
            yield {
                "type": "library",
                "bom-ref": purl,
                **about,
                "hashes": [{"alg": "SHA-512", "content": content}],
            }


def _files() -> Iterator[dict[str, Any]]:
    for folder in VENDORED:
        for line in (ROOT / folder / "CHECKSUMS").read_text("utf-8").splitlines():
            content, name = line.split(maxsplit=1)
            yield _file(f"{folder}/{name}", content)
    for name in TAKEN:
        yield _file(name, hashlib.sha256((ROOT / name).read_bytes()).hexdigest())


def _file(name: str, content: str) -> dict[str, Any]:
    return {"type": "file", "bom-ref": name, "name": name, "hashes": [{"alg": "SHA-256", "content": content}]}


def _dependencies(packages: Iterable[Locked]) -> Iterator[dict[str, Any]]:
    refs = {_PROJECT: [_PROJECT]}
    for one in packages:
        refs.setdefault(one.name, []).append(one.purl)
    for name, mine in sorted(refs.items()):
        wanted = sorted(one.purl for one in packages if name in one.via)
        yield from ({"ref": ref, "dependsOn": wanted} for ref in mine)


if __name__ == "__main__":
    json.dump(document(), sys.stdout, ensure_ascii=False, indent=1)
    print()
