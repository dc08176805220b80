"""How the pinned page is put together: the same bytes everywhere, nothing that is not understood, and never served."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from tests.stage import Scene
from tests.visitor import Visitor
from vault.errors import Invalid
from vault.page import assemble, bundle, fingerprint, release

ROOT = Path(__file__).parents[1]
PINNED = ROOT / "web" / "pinned"
MODULES = {
    "a/main.js": (
        'import { one, two as other } from "./lib/two.js";\n'
        'import { three } from "./lib/three.js";\n'
        "one(other, three);\n"
    ),
    "a/lib/two.js": 'import { three } from "./three.js";\nexport const one = () => three;\nexport class two {}\n',
    "a/lib/three.js": "export function three() {}\nexport async function four() {}\n",
}


def made(**changed: str) -> str:
    return bundle("a/main.js", {**MODULES, **changed}.__getitem__)


def test_the_page_is_the_same_bytes_each_time_and_in_each_process() -> None:
    script = "from vault.page import assemble, fingerprint; print(fingerprint(assemble()).hex())"
    printed = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.strip() == fingerprint(assemble()).hex()


def test_the_page_allows_its_one_script_and_style_by_their_hashes_and_nothing_else() -> None:
    page = assemble().decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    for kind in ("script", "style"):
        (content,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        hashed = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{hashed}';" in policy[1]
    assert policy[1].startswith("default-src 'none'; ")
    assert "form-action 'none'; base-uri 'none'" in policy[1]
    assert not re.search(r"connect-src|img-src|font-src|frame-src|unsafe|https?:", policy[1])


def test_the_page_refers_to_nothing_outside_itself() -> None:
    page = assemble().decode()
    markup = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"\b(?:src|href|action|srcset)=\"(?!#)", markup)
    assert "url(" not in page
    assert "@import" not in page


def test_a_module_runs_once_and_before_its_users() -> None:
    script = made()
    assert [
        script.index(f"// {path}\n") for path in ("a/lib/three.js", "a/lib/two.js", "a/main.js")
    ] == sorted(script.index(f"// {path}\n") for path in MODULES)
    assert script.count("function three()") == 1
    assert "const { one, two: other } = module1;" in script
    assert "return { three, four };" in script


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a/main.js", 'import three from "./lib/three.js";\n'),
        ("a/main.js", 'import * as three from "./lib/three.js";\n'),
        ("a/main.js", 'import "./lib/three.js";\n'),
        ("a/main.js", 'import { three } from "lib";\n'),
        ("a/main.js", 'import { three } from "https://example.org/three.js";\n'),
        ("a/main.js", '  import { three } from "./lib/three.js";\n'),
        ("a/main.js", 'import { five } from "./lib/three.js";\n'),
        ("a/main.js", 'import { three as } from "./lib/three.js";\n'),
        ("a/lib/three.js", 'import { one } from "./two.js";\nexport const three = one;\n'),
        ("a/lib/three.js", "export default 3;\n"),
        ("a/lib/three.js", "export let three = 3;\n"),
        ("a/lib/three.js", "const three = 3;\nexport { three };\n"),
        ("a/lib/three.js", 'export * from "./two.js";\n'),
    ],
)
def test_a_form_that_is_not_known_is_refused(path: str, text: str) -> None:
    with pytest.raises(Invalid):
        made(**{path: text})


@pytest.mark.parametrize(
    "text", ["const a = '</script>';\n", "const a = '<!--';\n", "const a = '</STYLE';\n"]
)
def test_no_module_can_end_its_own_script(text: str) -> None:
    def read(path: str) -> str:
        return text + release(path) if path == "web/pinned/page.js" else release(path)

    with pytest.raises(Invalid):
        assemble(read)


def test_catalogues_that_do_not_hold_the_same_messages_are_refused() -> None:
    def read(path: str) -> str:
        return release(path) + ('\nmsgid "More"\nmsgstr "Еще"\n' if path.endswith("ru.po") else "")

    with pytest.raises(Invalid):
        assemble(read)


def test_no_translation_can_end_the_element_that_it_stands_in() -> None:
    def read(path: str) -> str:
        return release(path).replace('msgstr "Non, revenir"', 'msgstr "</script><!--"')

    page = assemble(read).decode()
    assert "\\u003c/script>\\u003c!--" in page
    (held,) = re.findall(r'<script type="application/json" id="messages">(.*?)</script>', page)
    assert "</script><!--" in json.loads(held)["messages"]["No, go back"]


def test_every_module_of_the_folder_is_in_the_page() -> None:
    script = bundle("web/pinned/page.js")
    assert [path.name for path in PINNED.glob("*.js") if f"// web/pinned/{path.name}\n" not in script] == []


def test_what_unseals_lies_outside_of_what_is_served() -> None:
    for path in (ROOT / "web" / "static").rglob("*.js"):
        if path.parent.name != "vendor":
            text = path.read_text("utf-8")
            assert not re.search(r"deserializePrivateKey|\bdecrypt\b|\bunseal\b|argon2|pinned", text), path


def test_no_route_serves_the_page_or_its_modules(scene: Scene) -> None:
    app: Flask = scene.app()
    visitor = Visitor(app)
    names = [path.name for path in PINNED.iterdir()]
    places = (
        "",
        "static/",
        "pinned/",
        "static/pinned/",
        "static/../pinned/",
        "static/%2e%2e/pinned/",
        "web/pinned/",
    )
    for name in names:
        for place in places:
            assert visitor.get(f"/{place}{name}").status_code == 404, (place, name)
    (rule,) = (rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == "static")
    assert re.fullmatch(r"/static/(?:\w+/)?<path:filename>", rule)
    assert Path(str(app.static_folder)) == ROOT / "web" / "static"


def test_no_served_page_or_script_asks_for_a_key_file() -> None:
    """Requests and decisions are signed files; the one script that reads one refuses a key file before it is sent. The
    verifier's page reads what was published, and can send nothing; `upload.js` is for evidence."""
    readers, static = set(), ROOT / "web" / "static"
    assert "connect-src 'none'; " in (static / "verify/index.html").read_text("utf-8")
    for path in static.rglob("*.js"):
        text = path.read_text("utf-8")
        if path.parent.name != "vendor" and re.search(r"FileReader|\.files\b", text):
            readers.add(str(path.relative_to(static)))
    assert readers == {"decision.js", "upload.js", "verify/page.js"}
    for path in (ROOT / "web" / "templates").rglob("*.html"):
        for asked in re.findall(
            r"<label.*?</label>|<legend.*?</legend>|<input[^>]*>", path.read_text("utf-8"), re.DOTALL
        ):
            assert not re.search(r"key[ _-]?file|passphrase of your key", asked, re.IGNORECASE), path
