"""Time stamps of RFC 3161 authorities over the log's checkpoints: asking for one, and taking none that does not hold.

An authority learns the hash of a checkpoint and when it was asked, nothing else; the checkpoint is public.
"""

from __future__ import annotations

import subprocess  # nosec B404
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response
from rfc3161_client.base import HashAlgorithm

from vault import verifier
from vault.errors import N_, Tampered, Unreachable

PATIENCE = 30.0  # seconds
LARGEST_ANSWER = 64 * 1024
_NONE = N_("The time-stamp authority gave no answer: nothing was stamped, try again later.")
_WRONG = N_("What the time-stamp authority answered does not hold: nothing was stamped.")


@dataclass(frozen=True)
class Authority:
    """Where stamps are asked for: an address, or a command with {request} and {answer}; and its PEM certificates."""

    certificates: bytes
    url: str | None = None
    command: tuple[str, ...] = ()


def stamp(text: str, authority: Authority) -> tuple[bytes, datetime]:
    """The authority's stamp of a checkpoint's text, verified, and its time. Raises Unreachable, Tampered."""
    data = text.encode("utf-8")
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = (
        _post(authority.url, request.as_bytes()) if authority.url else _run(authority, request.as_bytes())
    )
    try:
        nonce = decode_timestamp_response(answer).tst_info.nonce
    except ValueError:
        raise Tampered(_WRONG) from None
    if nonce != request.nonce:
        raise Tampered(_WRONG)
    return answer, stamped_at(answer, text, [authority.certificates])


def stamped_at(answer: bytes, text: str, certificates: Sequence[bytes]) -> datetime:
    """When one of the authorities with these certificates stamped a checkpoint's text. Raises Tampered."""
    try:
        return verifier.check_stamp(answer, text.encode("utf-8"), certificates)
    except (verifier.Wrong, ValueError):
        raise Tampered(_WRONG) from None


def _post(url: str, request: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        answer = httpx.post(url, content=request, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()
    except httpx.HTTPError:
        raise Unreachable(_NONE) from None
    if len(answer.content) > LARGEST_ANSWER:
        raise Tampered(_WRONG)
    return answer.content


def _run(authority: Authority, request: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder, "request.tsq"), Path(folder, "answer.tsr")
        asked.write_bytes(request)
        command = [part.format(request=asked, answer=answer) for part in authority.command]
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)  # noqa: S603 # nosec B603
            return answer.read_bytes()
        except (subprocess.SubprocessError, OSError):
            raise Unreachable(_NONE) from None
