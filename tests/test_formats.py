"""FORMATS.md defines whatever the code hashes, seals, locks, derives or signs."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FORMATS = (ROOT / "docs" / "FORMATS.md").read_text("utf-8")
_SOURCES = sorted(path for folder in ("vault", "web") for path in (ROOT / folder).rglob("*.py"))


@cache
def _nodes() -> list[ast.AST]:
    """All of the code, read where a test asks for it: every worker imports this file."""
    return [node for path in _SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8")))]


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


def test_every_kind_of_hash_is_defined() -> None:
    assert [kind for kind in sorted(_hashed()) if f'hash("{kind}"' not in FORMATS] == []


def test_every_kind_of_sealed_thing_is_defined() -> None:
    spellings = {kind: (f"`{kind}`", f'"{kind}"') for kind in sorted(_contexts())}
    assert [kind for kind, either in spellings.items() if not any(one in FORMATS for one in either)] == []


def test_the_kinds_are_found_in_the_code() -> None:
    assert {"csrf", "receipt", "draft-owner", "invitation"} <= _hashed()
    assert {"session", "draft", "draft-addendum", "slot"} <= _contexts()
