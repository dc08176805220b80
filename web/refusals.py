"""Refused acts are written down once their own transaction is rolled back, whatever becomes of their answer."""

from __future__ import annotations

from typing import cast

from flask import Response, g, request
from flask_login import current_user

from vault import refusals
from vault.errors import Busy, Conflict, Expired, NotFound, Refused, Tampered, VaultError
from web import faults
from web.auth import actor, today, vault

_TOLD = (Refused, Tampered, Conflict, Expired)
_SIGN_INS = ("auth.sign_in_post", "auth.api_sign_in", "auth.api_sign_in_custodian")
# A deposit leaves neither a member nor a day, and one that was refused is not told from one that was not.
_SILENT = ("auth.renew", "recoding.form_post", "recoding.api_deposit")
_SILENT_PARTS = ("interviews", "consents", "uploads")


def keep(error: VaultError) -> None:
    """Have this refusal written down at the end of the request, if it is one that custodians should know."""
    if _is_grave(error):
        g.refused = type(error).__name__  # not the error, whose traceback holds what was handed in


def write_down_later(error: VaultError, who: str, endpoint: str) -> None:
    """What was refused after its request was answered: the same, at once."""
    if _is_grave(error):
        refusals.refused(vault(), who, act_word(endpoint), type(error).__name__, today())


def write_down(response: Response) -> Response:
    """After a request. A fault here is told as one: it neither hides the refusal nor takes its place."""
    try:
        _write_down(response.status_code)
    except NotFound:  # a vault that is not founded has no custodians to tell
        pass
    except Exception as fault:
        faults.tell(fault)
    return response


def act_word(endpoint: str) -> str:
    """What an act is called in the audit: the same in the web and for clients."""
    part, _, name = endpoint.partition(".")
    return f"{part} {name.removeprefix('api_').removesuffix('_post').replace('_', ' ')}"


def _write_down(status: int) -> None:
    endpoint, error = request.endpoint, cast("str | None", g.get("refused"))
    if endpoint in _SIGN_INS and status == 401:
        refusals.sign_in_failed(vault(), today())
    elif error is not None and _is_told(endpoint) and current_user.is_authenticated:
        refusals.refused(vault(), actor().code, act_word(endpoint or ""), error, today())


def _is_grave(error: VaultError) -> bool:
    return isinstance(error, _TOLD) and not isinstance(error, Busy)


def _is_told(endpoint: str | None) -> bool:
    return (
        endpoint is not None and endpoint not in _SILENT and endpoint.partition(".")[0] not in _SILENT_PARTS
    )
