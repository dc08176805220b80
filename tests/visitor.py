"""Someone at a browser without scripts, and someone's command-line client: both through Flask's test client."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.cast import Person
from vault.sealing.digests import Json
from vault.sealing.signatures import sign
from vault.sealing.words import spell_device_key

HOST = "127.0.0.1"
ADDRESS = f"http://{HOST}"
SESSION = "__Host-session"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_NOTICE = re.compile(r'<(div|p) class="notice stop" id="errors".*?</\1>', re.DOTALL)
_LEAD = re.compile(r'<p class="lead">(.*?)</p>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


class Visitor:
    """A browser without scripts: it keeps cookies and sends back what forms hide."""

    def __init__(self, app: Flask, person: Person | None = None) -> None:
        self.client = app.test_client()
        self.csrf = ""
        if person is not None:
            assert self.sign_in(person).status_code == 303

    def sign_in(self, person: Person, **changes: str) -> TestResponse:
        fields = {
            "member": person.code,
            "passphrase": person.passphrase,
            "device_key": spell_device_key(person.device_key),
        }
        answer = self.post("/sign-in", {**fields, **changes})
        if answer.status_code == 303:
            self.csrf = hidden(self.get("/about"))["csrf"]
        return answer

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **{"base_url": ADDRESS, **more})

    def post(self, path: str, fields: Json = None, **more: Any) -> TestResponse:
        """Send a form, with the token of this session unless the fields name another."""
        if isinstance(fields, dict) or fields is None:
            fields = {"csrf": self.csrf, **(fields or {})}
        return self.client.post(path, data=fields, **{"base_url": ADDRESS, **more})

    @property
    def token(self) -> str:
        """What the session's cookie holds."""
        cookie = self.client.get_cookie(SESSION, HOST)
        return "" if cookie is None else cookie.value

    def cookie(self, name: str, value: str) -> None:
        """Have the browser hold this cookie."""
        self.client.set_cookie(name, value, domain=HOST)

    def start(self, case: str, incident: str) -> tuple[str, dict[str, str]]:
        """Open a new draft: its address, and what its form hides."""
        opened = self.post(f"/cases/{case}/interviews", {"incident": incident})
        assert opened.status_code == 303, opened.get_data(as_text=True)
        path = opened.headers["Location"]
        return path, hidden(self.get(path))


class Api:
    """A command-line client: a bearer token and JSON."""

    def __init__(self, app: Flask, person: Person | None = None, vault: str = "") -> None:
        self.client = app.test_client()
        self.token = ""
        if person is not None and person.role:
            self.token = self.sign_in(person).get_json()["token"]
        elif person is not None:
            self.token = self.sign_in_custodian(person, vault).get_json()["token"]

    def sign_in(self, person: Person, **changes: Json) -> TestResponse:
        body = {
            "member": person.code,
            "passphrase": person.passphrase,
            "device_key": spell_device_key(person.device_key),
        }
        return self.call("POST", "/api/sign-in", {**body, **changes})

    def sign_in_custodian(self, person: Person, vault: str) -> TestResponse:
        nonce = self.call("POST", "/api/challenge").get_json()["nonce"]
        answer = {
            "format": "witness-vault/v1/challenge",
            "vault": vault,
            "code": person.code,
            "nonce": nonce,
        }
        return self.call("POST", "/api/sign-in/custodian", sign(answer, person.code, person.secret.signing))

    def call(self, method: str, path: str, body: Json = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            more["json"] = body
        return self.client.open(path, method=method, base_url=ADDRESS, headers=headers, **more)


def hidden(page: TestResponse) -> dict[str, str]:
    """What the last form of a page hides: names and values."""
    return {name: html.unescape(value) for name, value in _HIDDEN.findall(page.get_data(as_text=True))}


def sentences(answer: TestResponse) -> list[str]:
    """What an answer says went wrong: its JSON error, the notices above its form, or an error page's lead."""
    if answer.is_json:
        return [answer.get_json()["error"]]
    if answer.mimetype == "text/plain":
        return [answer.get_data(as_text=True).strip()]
    page = answer.get_data(as_text=True)
    notice = _NOTICE.search(page)
    if notice is None:
        return [words(found) for found in _LEAD.findall(page)]
    items = re.findall(r"<li>(.*?)</li>", notice[0], re.DOTALL)
    return [words(item) for item in items] or [words(notice[0])]


def words(markup: str) -> str:
    """Markup as it is read aloud."""
    return " ".join(html.unescape(_TAG.sub("", markup)).split())
