"""Nothing is said that is in no catalogue: a sentence that users may read is a literal, or is marked."""

import ast
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from tests.stage import Scene
from tests.test_house import ROOT
from vault import errors
from vault.errors import Invalid, Message
from web.locales import said

REFUSALS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}  # Message is among them
# Where what is said stands among the arguments, as the catalogues look for it (Makefile, MESSAGES).
PLACES = {**dict.fromkeys(REFUSALS, 0), "Refusal": 2, "Fields": 1, "fault": 1}
# What was a message before: taken from one, or handed to whoever refuses.
HANDED_ON = {"message", "template", "wording", "cure", "faults", "errors", "otherwise", "rule"}


@cache
def _modules() -> dict[Path, ast.Module]:
    """The code, read where a test asks for it: every worker imports this file."""
    return {
        path: ast.parse(path.read_text("utf-8"))
        for package in ("vault", "web")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "cli" not in path.parts and path.name != "errors.py"
    }


def _is_marked(value: ast.expr | None) -> bool:
    """Whether a value is `N_("…")`, a `Message`, or a table of such."""
    if isinstance(value, ast.Dict):
        return all(map(_is_marked, value.values))
    if isinstance(value, ast.IfExp):
        return _is_marked(value.body) and _is_marked(value.orelse)
    return isinstance(value, ast.Call) and ast.unparse(value.func) in {"N_", "Message"}


@cache
def _marked() -> set[str]:
    return {
        target.id
        for tree in _modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_marked(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_said(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=str()):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _marked() | HANDED_ON
        case ast.Subscript(value=inner):
            return _is_said(inner)
    return _is_marked(value)


def _unsaid(path: Path) -> Iterator[str]:
    nodes = [*ast.walk(_modules()[path])]
    own = {node.name for node in nodes if isinstance(node, ast.ClassDef)} & REFUSALS
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        called = getattr(call.func, "id", getattr(call.func, "attr", ""))
        place = PLACES.get(called, len(call.args)) if called not in own else len(call.args)
        for one in call.args[place:][:1]:
            if not _is_said(one):
                yield f"{path.relative_to(ROOT)}:{call.lineno}: {ast.unparse(one)}"


def test_a_refusal_says_what_a_catalogue_can_have() -> None:
    assert [one for path in _modules() for one in _unsaid(path)] == []


def test_the_parts_of_a_message_are_said_in_the_language_too(scene: Scene) -> None:
    """Claims by their labels, days in words, messages within it; what people wrote stands as it is."""
    error = Invalid(
        "%(claim)s %(day)s %(rule)s %(code)s",
        claim="Aircraft: how many",
        day=date(2015, 10, 20),
        rule=Message("until %(day)s", day="2015-11"),
        code="R1",
    )
    with scene.app().test_request_context(headers={"Accept-Language": "ar"}):
        arabic = said(error)
    with scene.app().test_request_context(headers={"Accept-Language": "en"}):
        assert said(error) == "Aircraft: how many 20 October 2015 until November 2015 R1"
    assert error.message == "Aircraft: how many 2015-10-20 until 2015-11 R1"
    assert not {"Aircraft:", "October", "November"} & set(arabic.split())
    assert {"2015", "R1"} <= set(arabic.split())
