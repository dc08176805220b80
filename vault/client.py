"""The members' and custodians' HTTPS client: it trusts no answer that a signature or a seal does not prove."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Any

import httpx

from vault.errors import (
    Conflict,
    Expired,
    Invalid,
    NotFound,
    Refused,
    SignInNeeded,
    Tampered,
    Throttled,
    TooLarge,
    Unreachable,
    VaultError,
)
from vault.profile import Profile
from vault.sealing import rosters
from vault.sealing.keypairs import MemberSecret
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign

_PATIENCE = 60.0  # seconds
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_BY_STATUS: dict[int, type[VaultError]] = {
    401: SignInNeeded,
    403: Refused,
    404: NotFound,
    409: Conflict,
    410: Expired,
    413: TooLarge,
    422: Invalid,
    429: Throttled,
}


def address(server: str) -> str:
    """A vault's address as it is always written. Raises Invalid for one over which anybody could read along."""
    try:
        url = httpx.URL(server)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if not url.host or (url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK)):
        raise Invalid(
            "Give the vault's address with https://; without it anybody on the way could read along."
        )
    return str(url.copy_with(query=None, fragment=None)).rstrip("/")


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that certificates are checked against: read once, because that takes long."""
    return httpx.create_ssl_context(trust_env=False)


class Client:
    """One connection to one vault."""

    def __init__(self, server: str) -> None:
        self.address = address(server)
        self._http = httpx.Client(
            base_url=self.address, timeout=_PATIENCE, trust_env=False, verify=_trusted()
        )
        self._token: str | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What a server answers here must not hide the error under way.
        try:
            if self._token is not None:
                with suppress(VaultError):
                    self.call("POST", "/api/sign-out")
        finally:
            self._http.close()

    def meet(self, profile: Profile) -> None:
        """Have the server show that it knows this profile's vault, before it is told anything.

        Raises Tampered. A public roster can be copied: this guards against a mistaken address, TLS against a false one.
        """
        try:
            shown = rosters.found(self.call("GET", "/api/founding")["roster"]).digest
        except (Invalid, NotFound, Tampered, TypeError, KeyError):
            shown = b""
        if shown != profile.founding():
            raise Tampered(
                "At this address is not the vault of this profile; nothing was sent. Compare the address."
            )

    def sign_in(self, member: str, passphrase: str, device_key: str) -> None:
        """Sign in as a member. Raises SignInNeeded."""
        secrets = {"member": member, "passphrase": passphrase, "device_key": device_key}
        self._token = self.call("POST", "/api/sign-in", secrets)["token"]

    def sign_in_custodian(self, code: str, secret: MemberSecret, roster: Roster) -> None:
        """Sign in as a custodian, by signing a challenge. Raises SignInNeeded."""
        challenge = {
            "format": "witness-vault/v1/challenge",
            "vault": roster.vault,
            "code": code,
            "nonce": self.call("POST", "/api/challenge")["nonce"],
        }
        self._token = self.call("POST", "/api/sign-in/custodian", sign(challenge, code, secret.signing))[
            "token"
        ]

    def follow(self, profile: Profile) -> Roster:
        """The newest roster, verified from the one that the profile has pinned; its server's address is kept.

        Raises Tampered.
        """
        shown = self.call("GET", "/api/roster")
        roster = profile.pin(shown["rosters"] if isinstance(shown, dict) and "rosters" in shown else [])
        profile.keep_address(self.address)
        return roster

    def call(self, method: str, path: str, body: Any = None, patience: float = _PATIENCE) -> Any:
        """One request, of JSON or bytes; the answer's JSON. Raises the error that the server names, or Unreachable."""
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        try:
            answer = self._http.request(method, path, headers=headers, timeout=patience, **sent)
            content = answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError):
            raise Unreachable(
                "The server does not answer as a vault does: check the address and the line."
            ) from None
        if answer.is_success:
            return content
        raise _refusal(answer.status_code, content)

    def fetch(self, path: str) -> Iterator[bytes]:
        """The bytes of an answer, as they arrive. Raises the error that the server names, or Unreachable."""
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            with self._http.stream("GET", path, headers=headers) as answer:
                if not answer.is_success:
                    answer.read()
                    raise _refusal(answer.status_code, answer.json())
                yield from answer.iter_bytes()
        except (httpx.HTTPError, ValueError):
            raise Unreachable(
                "The line or the server broke off: nothing of it is whole. Try again."
            ) from None


def _refusal(status: int, content: Any) -> VaultError:
    sentence = content.get("error") if isinstance(content, dict) else None
    return _BY_STATUS.get(status, Unreachable)(str(sentence or "The server has a fault; try again."))
