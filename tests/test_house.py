"""The rules of the house: what may be committed, what is vendored, how a module is kept."""

import ast
import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VENDORED = (ROOT / "web" / "static" / "vendor", ROOT / "tests" / "browser" / "vendor")
LONGEST_MODULE = 300
ONE_FILE = {
    Path("vault/verifier.py"): 700
}  # whoever doubts a statement reads it whole, with nothing beside it
RESERVED = [
    "follow-up",
    "correction",
    "withdrawal-request",
    "package",
    "evidence",
    "response",
]

# Written with brackets, so that this file does not match itself.
FOREIGN = {
    "a registry host": r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|yarnpkg[.]com|deb[.]debian[.]org",
    "an index option": r"(?:index[-_]url|find[-_]links|default[-_]index)\b *[=: ]"
    r"|--(?:index|registry)[= ]['\"]?\w+:/"
    r"|\[tool\.uv",
    "a file URL": r"file:/[/]",
    "a machine path": r"(?<![\w./~-])/(?:root|home|Users|work|opt|mnt)/[\w.]|[.][.]/shared\b",
}


def committed() -> Iterator[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return (ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file())


def modules() -> Iterator[Path]:
    return (path for package in ("vault", "web", "config") for path in sorted((ROOT / package).rglob("*.py")))


@pytest.mark.parametrize("kind", FOREIGN)
def test_no_committed_file_names_the_machine_or_registry_it_was_made_with(kind: str) -> None:
    pattern = re.compile(FOREIGN[kind])
    hits = []
    for path in committed():
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if found := pattern.search(line):
                hits.append(f"{path.relative_to(ROOT)}:{number}: {found.group()}")
    assert hits == []


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("a registry host", "https://files.python" + "hosted.org/packages/x.whl"),
        ("an index option", "--extra-index" + "-url https://example.org"),
        ("a file URL", "file" + ":///srv/wheels"),
        ("a machine path", "made in " + "/home" + "/somebody/vault"),
    ],
)
def test_what_is_foreign_is_recognised(kind: str, example: str) -> None:
    assert re.search(FOREIGN[kind], example)


def test_every_locked_requirement_is_pinned_by_version_and_hash() -> None:
    requirements = re.split(r"\n(?=[a-z])", (ROOT / "requirements.lock").read_text("utf-8").rstrip())
    assert requirements
    loose = [
        text
        for text in requirements
        if not re.match(r"[a-z0-9-]+==\S+.*\n +--hash=sha256:[0-9a-f]{64}", text)
    ]
    assert loose == []


def checksums(folder: Path) -> dict[str, str]:
    lines = (folder / "CHECKSUMS").read_text("utf-8").splitlines()
    return {name.removeprefix("*"): digest for digest, name in (line.split(maxsplit=1) for line in lines)}


@pytest.mark.parametrize("folder", VENDORED, ids=str)
def test_every_vendored_file_matches_its_checksum(folder: Path) -> None:
    sums = checksums(folder)
    assert sums
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sums} == sums


@pytest.mark.parametrize("folder", VENDORED, ids=str)
def test_no_vendored_file_lacks_a_checksum(folder: Path) -> None:
    kept = {
        path.name for path in folder.iterdir() if path.suffix in {".js", ".css", ".svg", ".woff2", ".wasm"}
    }
    assert kept - checksums(folder).keys() == set()


@pytest.mark.parametrize("folder", VENDORED, ids=str)
def test_every_vendored_file_has_its_licence_listed(folder: Path) -> None:
    readme = (folder / "README.md").read_text("utf-8")
    licence = re.compile(r"\b(?:MIT|ISC|CC0|Apache-2\.0|BSD-[23]-Clause|MPL-2\.0)\b|the project's own")
    listed = [line for line in readme.splitlines() if licence.search(line)]
    pinned = [name for name in checksums(folder) if not name.startswith("LICENSES/")]
    assert [name for name in pinned if not any(f"`{name}`" in line for line in listed)] == []


@pytest.mark.parametrize("folder", VENDORED, ids=str)
def test_every_licence_text_is_committed_and_named(folder: Path) -> None:
    named = set(re.findall(r"`(LICENSES/[\w.-]+)`", (folder / "README.md").read_text("utf-8")))
    assert named == {f"LICENSES/{path.name}" for path in (folder / "LICENSES").iterdir()}


@pytest.mark.parametrize("kind", RESERVED)
def test_the_formats_reserve_the_kind(kind: str) -> None:
    formats = (ROOT / "docs" / "FORMATS.md").read_text("utf-8")
    _, reserved = formats.split("Reserved kinds\n", 1)
    assert f"`{kind}`" in reserved


def test_every_module_says_what_it_is_for() -> None:
    assert [str(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_bytes()))] == []


def test_no_module_outgrows_its_page() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in modules()}
    longest = {path: ONE_FILE.get(path, LONGEST_MODULE) for path in lengths}
    assert {path: length for path, length in lengths.items() if length > longest[path]} == {}
