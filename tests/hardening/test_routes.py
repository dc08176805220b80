"""Every route under hostile input: addresses, forms, JSON, headers. Refused in a page or in JSON, and never a fault."""

from __future__ import annotations

import inspect
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import hypothesis
import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import stage
from tests.answered import Answered, answered
from tests.cast import C1, R1, V1, Person
from tests.conftest import Act
from tests.hardening.crawling import Form, crawled, unnumbered
from tests.hardening.mutating import CANARY, MARKS, TEXTS, atoms
from tests.stage import Scene
from tests.visitor import ADDRESS, HOST, SESSION, Api, Visitor, hidden, sentences
from vault.rules.access import Role, allows
from web.app import MOST_BYTES

SEARCHING = (
    hypothesis.settings().max_examples > 50
)  # then each field gets every text, else one of them in its turn
PEOPLE: dict[Role, Person] = {Role.RESEARCHER: R1, Role.REVIEWER: V1, Role.CUSTODIAN: C1}
# What chooses itself how long it is kept, or what may run: tests/web/test_headers.py and those of these views.
APART = ("/public", "/api/roster/custodians", "/assets", "/static")
SPELLED = [text for text in TEXTS if "\ud800" not in text]
RAW = (
    b"\xff\xfe",
    b"%",
    b"%zz=%c3%28",
    b"a=%00&a=%ed%a0%80",
    b"=&=&=",
    b"[" * 200_000,
    b'{"a":' * 9_000,
    b"null",
)
KINDS = ("application/json", "text/plain", "multipart/form-data", "a/b; charset=\xff")


@dataclass
class Vault:
    """An application over a vault in which everything is there, and a browser for each role."""

    app: Flask
    scene: stage.Scene
    made: Answered
    browsers: dict[Role | None, Visitor]

    def open(self, role: Role | None, method: str, path: str, **more: Any) -> TestResponse:
        """What is answered to a browser that sends its session's token in the header."""
        visitor = self.browsers[role]
        headers = {"X-CSRF": visitor.csrf, **more.pop("headers", {})}
        return visitor.client.open(path, method=method, base_url=ADDRESS, headers=headers, **more)

    def roles(self, rule: Rule) -> list[Role | None]:
        """Who gets past the guard of a view: one of them, and nobody where nobody needs to sign in."""
        permission = getattr(self.app.view_functions[rule.endpoint], "permission", None)
        if permission is None:
            return [None]
        return [next(role for role in PEOPLE if allows(role, permission))]

    def address(self, rule: Rule, **parts: str) -> str:
        """An address of this view, of what there is unless a part is given."""
        known = {"case": self.scene.case, "incident": self.scene.hospital, "number": "1", "place": "0"}
        known |= {"item": self.made.item, "response": self.made.response, "finding": self.made.finding}
        path = re.sub(r"<\w+(\(.*?\))?:", "<", rule.rule)
        for name in rule.arguments:
            path = path.replace(f"<{name}>", parts.get(name, known.get(name, "A" * 22)))
        return path


@pytest.fixture(scope="module")
def vault(prepared: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    act: Act = answered
    folder, made = prepared(act)
    scene = stage.copied(folder, tmp_path_factory.mktemp("routes") / "vault")
    scene._facts = made.facts
    app = scene.app()
    browsers: dict[Role | None, Visitor] = {None: Visitor(app)}
    for role, person in PEOPLE.items():
        browsers[role] = Visitor(app)
        browsers[role].cookie(SESSION, Api(app, person, scene.roster().vault).token)
        browsers[role].csrf = hidden(browsers[role].get("/about"))["csrf"]
    yield Vault(app, scene, made, browsers)
    scene.close()


def rules(vault: Vault) -> Iterator[tuple[Rule, str]]:
    """Each view and its method."""
    for rule in vault.app.url_map.iter_rules():
        if rule.endpoint not in ("static", "auth.sign_out", "auth.api_sign_out"):
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            yield rule, method


class Complaints(list[str]):
    """What was wrong with answers, all of it, since one route after another is tried."""

    def take(self, answer: TestResponse, what: object) -> None:
        """No fault; sealed off as every answer is; nothing that came in repeated but as text of its form."""
        headers, body, failed = answer.headers, answer.get_data(), answer.status_code >= 400
        kept = "no-store" in headers["Cache-Control"] or answer.request.path.startswith(APART)
        away = headers.get("Location", "/").removeprefix(ADDRESS)
        faults = {
            "a fault": answer.status_code >= 500,
            "sniffed": headers["X-Content-Type-Options"] != "nosniff",
            "framed": "frame-ancestors 'none'" not in headers["Content-Security-Policy"],
            "kept": not kept,
            "leads away": re.match(r"/(?![/\\])", away) is None,
            "in a header": CANARY in str(headers),
            "in a sentence": failed and any(CANARY in sentence for sentence in sentences(answer)),
            "as markup": f"<script>{CANARY}".encode() in body,
            "in JSON": failed and answer.is_json and CANARY.encode() in body,
        }
        self += [
            f"{fault}: {answer.status_code} {str(what)[:300]}" for fault, holds in faults.items() if holds
        ]
        answer.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    found = Complaints()
    yield found
    assert found == []


@pytest.fixture
def quiet(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing of what came in is printed or logged, and no fault."""
    capfd.readouterr()
    yield
    out, err = capfd.readouterr()
    said = out + err + caplog.text
    assert "fault" not in said
    assert CANARY not in said


ENDLESS = "9" * 5_000
PARTS = (
    *SPELLED,
    ENDLESS,
    "%00",
    "%ff%fe",
    "..%2f..%2fetc",
    "%0d%0aSet-Cookie:%20a=b",
    "-1",
    "%7b%7b7*7%7d%7d",
)


@pytest.mark.usefixtures("quiet")
def test_a_hostile_address_is_nowhere(vault: Vault, complaints: Complaints) -> None:
    turn = cycle(PARTS)
    for rule, method in rules(vault):
        for name in rule.arguments:
            for part in PARTS if SEARCHING else (next(turn), next(turn), ENDLESS):
                path = vault.address(rule, **{name: part})
                for role in vault.roles(rule):
                    complaints.take(vault.open(role, method, path), (rule.rule, name, part[:40]))


@pytest.mark.usefixtures("quiet")
def test_a_hostile_query_changes_nothing_that_is_stored(vault: Vault, complaints: Complaints) -> None:
    before = _stored(vault)
    turn = cycle(SPELLED)
    for rule, method in rules(vault):
        if method == "GET" and not rule.endpoint.startswith("evidence_files"):  # a file that leaves is noted
            read = set(
                re.findall(r"args(?:\.get|\.getlist)?[\[(]\"(\w+)", inspect.getsource(_module(vault, rule)))
            )
            names = sorted(read | {"incident", "case", "after", "labels", "page", CANARY})
            for _ in SPELLED if SEARCHING else (1,):
                query = {name: [next(turn), next(turn)] for name in names}
                for role in vault.roles(rule):
                    complaints.take(
                        vault.open(role, method, vault.address(rule), query_string=query), rule.rule
                    )
    after = _stored(vault)
    assert [table for table in before if before[table] != after[table]] == []


def _stored(vault: Vault) -> dict[str, Any]:
    """All rows but those of the audit, which says who was refused."""
    return {table: rows for table, rows in vault.scene.contents().items() if table != "audit"}


def _module(vault: Vault, rule: Rule) -> Any:
    return inspect.getmodule(vault.app.view_functions[rule.endpoint])


def _members(vault: Vault, rule: Rule) -> list[str]:
    """What a view of JSON asks for."""
    source = inspect.getsource(_module(vault, rule))
    return sorted(set(re.findall(r'"(\w+)"', " ".join(re.findall(r"json_object\(([^)]*)\)", source)))))


@pytest.mark.usefixtures("quiet")
def test_hostile_json_is_refused(vault: Vault, complaints: Complaints) -> None:
    turn, raws = cycle([one for one in atoms() if not isinstance(one, float)]), cycle(RAW)
    for rule, method in rules(vault):
        if method == "GET" or not rule.rule.startswith("/api/"):
            continue
        members = _members(vault, rule)
        bodies: list[Any] = [
            [],
            None,
            "x",
            1,
            {},
            [[]],
            dict.fromkeys(members),
            {name: {} for name in members},
        ]
        bodies += [{name: next(turn) for name in members} for _ in range(60 if SEARCHING else 3)]
        for body in bodies:
            for role in vault.roles(rule):
                answer = vault.open(role, method, vault.address(rule), json=body)
                complaints.take(answer, (rule.rule, str(body)[:80]))
        for raw in RAW if SEARCHING else (next(raws), next(raws)):
            for kind in KINDS if SEARCHING else KINDS[:1]:
                answer = vault.open(
                    vault.roles(rule)[0], method, vault.address(rule), data=raw, content_type=kind
                )
                complaints.take(answer, (rule.rule, raw[:20], kind))


def _forms(vault: Vault, role: Role) -> dict[object, Form]:
    """One form of each kind that this role gets to."""
    found: dict[object, Form] = {}
    adapter = vault.app.url_map.bind(HOST)
    pages = crawled(vault.browsers[role], most=2 if SEARCHING else 1)
    for form in (form for page in pages for form in page.forms):
        view = adapter.match(form.action.partition("?")[0], method=form.method)[0]
        if view != "auth.sign_out":
            found.setdefault((view, form.shape), form)
    return found


def _variants(form: Form, texts: Iterator[str]) -> Iterator[Any]:
    """The form with its fields changed, doubled, left out, or of another kind: some of them, and all at once."""
    fields: dict[str, list[str]] = {}
    for name, value in form.fields:
        fields.setdefault(name, []).append(value)
    kinds = list({unnumbered(name): name for name in fields if name != "csrf"}.values())
    for name in kinds if SEARCHING else kinds[:: len(kinds) // 3 + 1]:
        for _ in SPELLED if SEARCHING else (1,):
            yield {**fields, name: next(texts)}
    if kinds:
        first = kinds[0]
        yield {name: values for name, values in fields.items() if name != first}
        yield {**fields, first: [next(texts), *fields[first], next(texts)]}
        yield {**fields, first: (io.BytesIO(CANARY.encode()), f"../{CANARY}\0.html", "text/html")}
    yield {name: [next(texts)] for name in fields}
    if form.files:
        brought = {name: (io.BytesIO(b"\0" + next(texts).encode()), CANARY) for name in form.files}
        yield {**fields, **brought}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("role", PEOPLE)
def test_hostile_text_in_every_field_of_every_form_is_taken_or_refused(
    vault: Vault, complaints: Complaints, role: Role
) -> None:
    texts = cycle(SPELLED)
    if role is Role.RESEARCHER:
        vault.browsers[role].start(vault.scene.case, vault.scene.hospital)
    forms = _forms(vault, role)
    assert len(forms) > 1
    for form in forms.values():
        for fields in _variants(form, texts):
            answer = vault.open(role, form.method, form.action, data=fields)
            complaints.take(answer, (form.action, {name: str(value)[:60] for name, value in fields.items()}))


def test_who_signs_in_with_what_takes_minutes_to_read_is_refused_at_once(scene: Scene) -> None:
    visitor = Visitor(scene.app())  # a vault at which nobody has guessed yet: no lane is full
    for name in ("member", "passphrase", "device_key"):
        typed = {"member": "R1", "passphrase": "x", "device_key": "x", name: MARKS}
        assert visitor.client.post("/api/sign-in", base_url=ADDRESS, json=typed).status_code == 401
        assert visitor.post("/sign-in", {**typed, name: MARKS[:200_001]}).status_code == 401


FORGED = [
    ({}, "This form does not come from your own session. Reload the page and send it again."),
    (
        {"Origin": "https://evil.example"},
        "This form comes from another site. Open the vault yourself and send it again.",
    ),
    (
        {"Sec-Fetch-Site": "cross-site"},
        "This form comes from another site. Open the vault yourself and send it again.",
    ),
]


@pytest.mark.parametrize(("headers", "sentence"), FORGED, ids=["no token", "another origin", "another site"])
def test_nothing_is_done_for_another_site(vault: Vault, headers: dict[str, str], sentence: str) -> None:
    before = _stored(vault)
    for rule, method in rules(vault):
        if method != "GET":
            role = vault.roles(rule)[0] or Role.RESEARCHER
            client = vault.browsers[role].client
            token = {"X-CSRF": vault.browsers[role].csrf} if headers else {}
            answer = client.open(
                vault.address(rule), method=method, base_url=ADDRESS, headers={**headers, **token}
            )
            assert (answer.status_code, sentences(answer)) == (403, [sentence]), rule.rule
    assert _stored(vault) == before


class Endless(io.RawIOBase):
    """A body that never ends, of which as little as possible is to be read."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        return len(buffer)


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json")
READS = (
    "auth.sign_in_post",
    "auth.api_sign_in",
    "evidence.form_post",
    "uploads.api_receive",
    "proposals.api_sign",
)


def test_a_body_that_is_too_large_is_not_read(vault: Vault, complaints: Complaints) -> None:
    kinds = cycle(FORMS)
    for rule, method in rules(vault):
        if method != "GET":
            body = Endless()
            environ = {"CONTENT_LENGTH": "9" * 12, "CONTENT_TYPE": next(kinds), "wsgi.input": body}
            role = vault.roles(rule)[0]
            complaints.take(
                vault.open(role, method, vault.address(rule), environ_overrides=environ), rule.rule
            )
            assert body.taken == 0, rule.rule


@pytest.mark.parametrize("view", READS)
def test_a_body_without_a_length_is_read_no_further_than_allowed(
    vault: Vault, complaints: Complaints, view: str
) -> None:
    ((rule, method),) = ((rule, method) for rule, method in rules(vault) if rule.endpoint == view)
    for kind in FORMS:
        body = Endless()
        environ = {
            "CONTENT_LENGTH": "",
            "CONTENT_TYPE": kind,
            "wsgi.input": body,
            "wsgi.input_terminated": True,
        }
        role = vault.roles(rule)[0]
        complaints.take(
            vault.open(role, method, vault.address(rule), environ_overrides=environ), (view, kind)
        )
        assert body.taken <= MOST_BYTES + 1_000_000, (view, kind)


HEADERS = [
    ("Accept-Language", ",".join(["a-b-c;q=0.1"] * 1_000)),
    ("Accept-Language", "en;q=" + "9" * 5_000),
    ("Accept-Language", "\0" + CANARY),
    ("Accept-Encoding", "gzip;q=x, *;q=1e999"),
    ("Accept", "text/" * 1_000),
    ("Range", "bytes=" + "9" * 5_000 + "-"),
    ("Range", "bytes=" + ",".join("0-1" for _ in range(1_000))),
    ("Range", "bytes=5-1"),
    ("Range", "\xff=--"),
    ("If-None-Match", '"' * 3_000),
    ("If-Modified-Since", "Mon, 99 Foo 99999 99:99:99 GMT"),
    ("If-Range", CANARY),
    ("Authorization", "Bearer " + "\xff" * 500),
    ("Authorization", "Basic " + "A" * 5_000),
    ("Authorization", "Digest " + 'a="' * 500),
    ("Authorization", "Bearer "),
    ("Cookie", "; ".join(f"c{number}=v" for number in range(3_000))),
    ("Cookie", f'{SESSION}="\\377\\000"; __Host-language={CANARY}'),
    ("Cookie", f"{SESSION}=" + "=" * 5_000),
    ("Referer", "http://["),
    ("Referer", "http://127.0.0.1//evil.example/"),
    ("Referer", "http://127.0.0.1/\\evil.example/"),
    ("Sec-Fetch-Site", CANARY),
    ("X-Forwarded-For", CANARY),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "gopher"),
    ("Content-Type", "multipart/form-data"),
    ("Content-Type", "application/json; charset=utf-7"),
    ("Content-Length", "-1"),
    ("Content-Encoding", "gzip"),
    ("Expect", CANARY),
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-CSRF", "\xff" * 100),
]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("name", "value"), HEADERS, ids=[f"{name} {value[:12]!a}" for name, value in HEADERS]
)
def test_a_hostile_header_is_passed_over(vault: Vault, complaints: Complaints, name: str, value: str) -> None:
    preview = f"/api/cases/{vault.scene.case}/evidence/{vault.made.item}/files/{'A' * 22}"
    for role, method, path in (
        (None, "GET", "/sign-in"),
        (Role.REVIEWER, "GET", "/"),
        (Role.REVIEWER, "GET", preview),
        (None, "GET", "/about"),
        (Role.REVIEWER, "POST", "/language"),
        (Role.REVIEWER, "POST", f"/api/cases/{vault.scene.case}/incidents"),
    ):
        answer = vault.open(role, method, path, headers={name: value})
        complaints.take(answer, (name, path))
