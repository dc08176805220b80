"""A rebuttal sheet and what it is printed with, for tests: the Sermin case as a ministry answered it."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from PIL import Image

from config.settings import label_texts, wording_texts
from tests.cast import VAULT
from tests.proofs import PROVEN
from tests.rules.cast import AIR_STRIKE
from vault.answering import Material
from vault.rules.labels import Labels
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording
from vault.sealing.digests import Json, b64
from vault.sealing.statements import parse
from vault.shown import Picture

WORDINGS = {language: Wording.parse(text) for language, text in wording_texts().items()}
LABELS = {language: Labels.parse(text) for language, text in label_texts().items()}
STATEMENT = parse(PROVEN.document)


def photograph(width: int = 800, height: int = 500) -> bytes:
    """A picture of nothing, as the vault makes working copies."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(out, "JPEG", quality=60)
    return out.getvalue()


PHOTOGRAPH = photograph()
SHA256 = b64(hashlib.sha256(PHOTOGRAPH).digest())
WHO = {"who": "Ministry of Defence, spokesman", "said": "2015-12-23", "where": "Press conference"}
UNSEEN = {
    "en": "Eyewitnesses did not see or hear the aircraft.",
    "ar": "لم يرَ شهود العيان الطائرات ولم يسمعوها.",
}
ANSWERS: dict[str, dict[str, Json]] = {
    "statement": {"kind": "statement", "statement": STATEMENT.digest, "line": 1},
    "evidence": {
        "kind": "evidence",
        "evidence": "photo",
        "text": {"en": "The hospital after the attack.", "ar": "المستشفى بعد الهجوم."},
        "sha256": b64(hashlib.sha256(b"the original").digest()),
        "picture": SHA256,
    },
    "opinion": {
        "kind": "opinion",
        "field": "aviation",
        "answer": "probable",
        "text": {"en": "Jets of this kind can fire from so high that nobody below sees them."},
    },
    "response": {
        "kind": "response",
        "who": "Ministry of Defence",
        "said": "2015-10",
        "where": "Statement to the press",
        "words": {"en": "The hospital was not hit.", "ar": "لم يُصَب المستشفى."},
        "as": "does_not_dispute",
    },
    "reply": {"kind": "reply", "day": "2015-11-09", "how": "letter", "came": None},
    "finding": {
        "kind": "finding",
        "proposition": {"en": "Aircraft of the accused struck the place."},
        "likelihood": "likely",
    },
}


def sheet(*points: dict[str, Json], **changes: Any) -> dict[str, Any]:
    """A sheet with these points."""
    return {
        "format": "witness-vault/v1/rebuttal",
        "vault": VAULT,
        "roster": 2,
        "month": "2026-11",
        "about": {"en": "what the ministry said of Sermin", "ar": "ما قالته الوزارة عن سرمين"},
        "response": WHO,
        "points": list(points),
        **changes,
    }


def point(*answers: dict[str, Json], **changes: Any) -> dict[str, Json]:
    """A point that these answer."""
    return {"words": UNSEEN, "kind": "denies", "answers": list(answers), **changes}


WHOLE = sheet(
    point(
        ANSWERS["statement"],
        ANSWERS["statement"] | {"line": 2},
        ANSWERS["opinion"],
        ANSWERS["finding"],
    ),
    point(
        ANSWERS["statement"] | {"line": 0},
        ANSWERS["evidence"],
        ANSWERS["response"],
        ANSWERS["reply"],
        words={"en": "There was no air strike at all in that area.", "ar": "لم تقع أي غارة في تلك المنطقة."},
    ),
    point(kind="demands", words={"en": "Reveal who provided them with this so-called data, and when."}),
)


def words(language: str) -> tuple[Vocabulary, Wording]:
    """The vocabulary and the wording of a language."""
    return AIR_STRIKE if language == "en" else LABELS[language].of(AIR_STRIKE), WORDINGS[language]


def material(language: str) -> Material:
    """What the sheets here are printed with."""
    vocabulary, _ = words(language)
    return Material({STATEMENT.digest: (STATEMENT, vocabulary)}, {SHA256: Picture.of(PHOTOGRAPH)})
