"""The scripts of pages: named by the template that needs them, so that its page may run them and no other page may."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

from flask import Flask, g, url_for
from markupsafe import Markup

STATIC = Path(__file__).with_name("static")
_IMPORT = re.compile(r'^import (?:[^"]* from )?"([^"]+)";', re.MULTILINE)


def begin(app: Flask) -> None:
    """Have templates name their scripts."""
    app.jinja_env.globals.update(script=_script, ahead=_ahead)


def sources() -> set[str]:
    """The directives which the page of this request needs for its scripts."""
    return set(g.get("sources", ()))


@cache
def with_imports(name: str) -> tuple[str, ...]:
    """A script and all that it imports, by their paths."""
    found = [name]
    for path in found:  # grows
        imported = _IMPORT.findall((STATIC / path).read_text("utf-8"))
        found += {normpath(join(dirname(path), one)) for one in imported} - set(found)
    return tuple(found)


def _script(name: str, asks: bool = False) -> Markup:
    """One of our own scripts: its page may run scripts for that alone, and ask this server if it says so."""
    g.setdefault("sources", set()).update({"script-src", "connect-src"} if asks else {"script-src"})
    return Markup('<script type="module" src="{}"></script>').format(url_for("static", filename=name))


def _ahead(*names: str) -> Markup:
    """Have the browser fetch scripts of a later page, when it has nothing else to do."""
    paths = dict.fromkeys(path for name in names for path in with_imports(name))
    link = Markup('<link rel="prefetch" href="{}">')
    return Markup("").join(link.format(url_for("static", filename=path)) for path in paths)
