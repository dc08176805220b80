"""What is said of evidence and by experts, in words; which files a page shows."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TypeVar

from flask_babel import gettext

from vault.errors import N_
from vault.rules.custody import FileRole, What
from vault.rules.evidence import Bears, Check, Grade, How, Kind
from vault.rules.opinions import Answer, Field

Code = TypeVar("Code")

KINDS = {
    Kind.VIDEO: (N_("Video"), N_("Videos")),
    Kind.PHOTO: (N_("Photograph"), N_("Photographs")),
    Kind.SATELLITE_IMAGE: (N_("Satellite image"), N_("Satellite images")),
    Kind.AUDIO: (N_("Sound recording"), N_("Sound recordings")),
    Kind.DOCUMENT: (N_("Document"), N_("Documents")),
    Kind.REMNANT: (N_("Remnant"), N_("Remnants")),
    Kind.FLIGHT_RECORD: (N_("Flight record"), N_("Flight records")),
    Kind.OPEN_SOURCE: (N_("Openly published"), N_("Openly published")),
    Kind.OTHER: (N_("Other item"), N_("Other items")),
}
FIELDS = {
    Field.MUNITIONS: N_("munitions"),
    Field.AVIATION: N_("aviation"),
    Field.IMAGERY: N_("imagery"),
    Field.VIDEO_AUDIO: N_("video and sound"),
    Field.MEDICINE: N_("medicine"),
    Field.BUILDINGS: N_("buildings"),
    Field.DOCUMENTS: N_("documents"),
    Field.OTHER: N_("another field"),
}
ANSWERS = {
    Answer.CONFIDENT: N_("confident"),
    Answer.PROBABLE: N_("probable"),
    Answer.POSSIBLE: N_("possible"),
    Answer.UNLIKELY: N_("unlikely"),
    Answer.CANNOT_SAY: N_("cannot say"),
}
HOWS = {
    How.GIVEN: N_("It was given to us, hand to hand"),
    How.SENT: N_("It was sent to us"),
    How.FOUND: N_("We found it"),
    How.TAKEN: N_("We took it ourselves: photographed, filmed, measured"),
}
BEARS = {
    Bears.SUPPORTS: N_("Supports it"),
    Bears.CONTRADICTS: N_("Contradicts it"),
    Bears.DOES_NOT_BEAR: N_("Says nothing of it"),
}
# TRANSLATORS: the subject is the item of evidence.
SAYS = {
    Bears.SUPPORTS: N_("Supports “%(claim)s”"),
    Bears.CONTRADICTS: N_("Contradicts “%(claim)s”"),
    Bears.DOES_NOT_BEAR: N_("Says nothing of “%(claim)s”"),
}
GRADES = {
    Grade.AUTHENTIC: N_("authentic"),
    Grade.PROBABLY_AUTHENTIC: N_("probably authentic"),
    Grade.CANNOT_SAY: N_("cannot say"),
    Grade.PROBABLY_NOT: N_("probably not authentic"),
    Grade.NOT_AUTHENTIC: N_("not authentic"),
}
CHECKS = {
    Check.ORIGIN: N_("where it comes from"),
    Check.METADATA: N_("its metadata"),
    Check.PLACE: N_("the place in it"),
    Check.TIME: N_("the time in it"),
    Check.OTHER_COPIES: N_("other copies of it"),
    Check.EDITING: N_("traces of editing"),
    Check.SHADOWS_WEATHER: N_("shadows and weather"),
}
EVENTS = {
    What.COLLECTED: N_("Collected"),
    What.TRANSFERRED: N_("Handed over"),
    What.COPIED: N_("Copied"),
    What.SHARED: N_("Shared"),
    What.ARCHIVED: N_("Archived"),
    What.ACCESSED: N_("File opened"),
    What.VERIFIED: N_("File read back"),
    What.WITHDRAWN: N_("Files destroyed at the wish of who gave it"),
}
ROLES = {FileRole.ORIGINAL: N_("Original"), FileRole.WORKING: N_("Working copy")}
FORMER = N_("Former file")
ADDED = {FileRole.ORIGINAL: N_("Original added"), FileRole.WORKING: N_("Working copy added")}
# What a browser may show inside a page. Of anything else it could make a page of its own, or run what lies in it.
_SHOWN = {
    "image": {"image/jpeg", "image/png", "image/webp", "image/gif"},
    "video": {"video/mp4", "video/webm", "video/ogg", "video/quicktime"},
    "audio": {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/flac"},
}


def in_words(words: Mapping[Code, str]) -> dict[Code, str]:
    """Marked words, by what they stand for, in the language of the interface."""
    return {code: gettext(text) for code, text in words.items()}


def shown_as(media: str) -> str | None:
    """As what a page shows a file of this type; None: it is only downloaded."""
    return next((kind for kind, known in _SHOWN.items() if media in known), None)


def hex_of(sha256: str) -> str:
    """A SHA-256 as other tools print it."""
    return base64.urlsafe_b64decode(sha256 + "=").hex()
