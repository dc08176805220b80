"""FORMATS.md defines whatever the code hashes, seals, locks, derives or signs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORMATS = (ROOT / "docs" / "FORMATS.md").read_text("utf-8")
_SOURCES = sorted(path for folder in ("vault", "web") for path in (ROOT / folder).rglob("*.py"))


def _nodes() -> Iterator[ast.AST]:
    for path in _SOURCES:
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def _hashed() -> set[str]:
    """The kinds in digest("kind", …)."""
    return {
        node.args[0].value
        for node in _nodes()
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "digest"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def _contexts() -> set[str]:
    """The kinds in ("kind", {…}): what a box or a locked thing is bound to."""
    return {
        node.elts[0].value
        for node in _nodes()
        if isinstance(node, ast.Tuple)
        and len(node.elts) == 2
        and isinstance(node.elts[0], ast.Constant)
        and isinstance(node.elts[0].value, str)
        and isinstance(node.elts[1], ast.Dict)
    }


@pytest.mark.parametrize("kind", sorted(_hashed()))
def test_every_kind_of_hash_is_defined(kind: str) -> None:
    assert f'hash("{kind}"' in FORMATS


@pytest.mark.parametrize("kind", sorted(_contexts()))
def test_every_kind_of_sealed_thing_is_defined(kind: str) -> None:
    assert f"`{kind}`" in FORMATS or f'"{kind}"' in FORMATS


def test_the_kinds_are_found_in_the_code() -> None:
    assert {"csrf", "receipt", "draft-owner", "invitation"} <= _hashed()
    assert {"session", "draft", "draft-addendum", "slot"} <= _contexts()
