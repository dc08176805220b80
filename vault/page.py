"""The pinned page: one self-contained HTML file, for whoever handles an opening in a browser.

It is put together from the modules of `web/pinned` and those that they share with the served pages, the same bytes
everywhere, so that its SHA-256 can stand in the roster and be compared by anybody. The parser knows exactly the forms
of `import` and `export` that the modules are written in, and refuses whatever else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO

from babel.messages.pofile import read_po

from vault.errors import Invalid

ENTRY = "web/pinned/page.js"
LANGUAGES = ("ar", "es", "fr", "ru", "uk")  # beside English, which the modules are written in
Read = Callable[[str], str]

_IMPORT = re.compile(r'^import \{([\w\s,]+)\} from "(\.[\w./-]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|const|class) (\w+)", re.MULTILINE)
_AT_THE_END = re.compile(r"export\{([\w$,\s]+)\};?\s*\Z")  # how the vendored bundles say what they give
_UNKNOWN = re.compile(r"^\s*(?:import|export)\b", re.MULTILINE)
_NAME = re.compile(r"\s*([\w$]+)(?: as ([\w$]+))?\s*\Z")
_ENDS_A_SCRIPT = re.compile(r"</(?:script|style)|<!--|]]>", re.IGNORECASE)


def release(path: str) -> str:
    """The text of one of this release's files, by its path in the project."""
    package, _, rest = path.partition("/")
    return files(package).joinpath(rest).read_text("utf-8")


def assemble(read: Read = release) -> bytes:
    """The page's file. Raises Invalid for a module that it cannot put together."""
    script = bundle(ENTRY, read)
    style = read("web/static/vault.css") + read("web/pinned/page.css")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    page = read("web/pinned/page.html")
    contents = {"policy": policy, "style": style, "messages": messages(read), "script": script}
    for place, content in contents.items():
        if page.count(f"@{place}@") != 1 or _ENDS_A_SCRIPT.search(content):
            raise Invalid("The pinned page cannot be put together from these files.")
        before, _, after = page.partition(f"@{place}@")
        page = before + content + after
    return page.encode("utf-8")


def fingerprint(page: bytes) -> bytes:
    """The SHA-256 that the roster names."""
    return hashlib.sha256(page).digest()


def messages(read: Read = release) -> str:
    """What the page says in its other languages, as JSON: of each message in English, the others in their order.

    Raises Invalid for catalogues that do not hold the same messages.
    """
    said = [_catalogue(read(f"web/pinned/translations/{language}.po")) for language in LANGUAGES]
    if any(one.keys() != said[0].keys() for one in said):
        raise Invalid("The pinned page cannot be put together from these files.")
    table = {english: [one[english] for one in said] for english in said[0]}
    made = {"languages": LANGUAGES, "messages": table}
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c")  # no translation can end the element that it stands in


def _catalogue(text: str) -> dict[str, str]:
    return {str(one.id): str(one.string) for one in read_po(BytesIO(text.encode("utf-8"))) if one.id}


def bundle(entry: str, read: Read = release) -> str:
    """One script of the module at `entry` and all that it needs, each in a scope of its own, once, before its users.

    Raises Invalid for a form of import or export that is not known here, a name that nobody gives, or a cycle.
    """
    made: dict[str, _Module] = {}
    _add(entry, read, made, ())
    return '(() => {\n"use strict";\n' + "".join(module.text for module in made.values()) + "})();\n"


@dataclass(frozen=True)
class _Module:
    text: str
    name: str
    given: frozenset[str]


def _add(path: str, read: Read, made: dict[str, _Module], users: tuple[str, ...]) -> None:
    if path in users:
        raise Invalid("%(path)s needs itself.", path=path)
    if path in made:
        return
    text = _words(read(path)) if path.endswith(".txt") else read(path)

    def brought(match: re.Match[str]) -> str:
        other = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[2]))
        _add(other, read, made, (*users, path))
        names = [_name(name) for name in match[1].split(",") if name.strip()]
        if not {given for given, _ in names} <= made[other].given:
            raise Invalid("%(path)s needs a name that %(other)s does not give.", path=path, other=other)
        return f"const {{ {_members(names)} }} = {made[other].name};"

    body, names = _exports(_IMPORT.sub(brought, text))
    if _UNKNOWN.search(body):
        raise Invalid("%(path)s imports or exports in a form that is not known here.", path=path)
    name = f"module{len(made)}"
    scope = f"// {path}\nconst {name} = (() => {{\n{body}\nreturn {{ {_members(names)} }};\n}})();\n"
    made[path] = _Module(scope, name, frozenset(given for given, _ in names))


def _exports(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without its exports, and what it gives: each name outside, and inside."""
    at_the_end = _AT_THE_END.search(text)
    if at_the_end is not None:
        names = [_name(name) for name in at_the_end[1].split(",")]
        return text[: at_the_end.start()], [(outside, inside) for inside, outside in names]
    names = [(match[2], match[2]) for match in _EXPORT.finditer(text)]
    return _EXPORT.sub(r"\1 \2", text), names


def _name(text: str) -> tuple[str, str]:
    """What stands before and after `as`; twice the same where there is none."""
    match = _NAME.match(text)
    if match is None:
        raise Invalid("A module names what it needs in a form that is not known here.")
    return match[1], match[2] or match[1]


def _members(names: list[tuple[str, str]]) -> str:
    return ", ".join(one if one == other else f"{one}: {other}" for one, other in names)


def _words(text: str) -> str:
    return f'export const WORDS = {json.dumps(" ".join(text.split()))}.split(" ");\n'


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
