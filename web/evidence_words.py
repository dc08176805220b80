"""What is said of evidence and by experts, in words; which files a page shows."""

from __future__ import annotations

import base64

from vault.rules.custody import What
from vault.rules.evidence import Bears, Check, Grade, How, Kind
from vault.rules.opinions import Answer, Field

KINDS = {
    Kind.VIDEO: ("Video", "Videos"),
    Kind.PHOTO: ("Photograph", "Photographs"),
    Kind.SATELLITE_IMAGE: ("Satellite image", "Satellite images"),
    Kind.AUDIO: ("Sound recording", "Sound recordings"),
    Kind.DOCUMENT: ("Document", "Documents"),
    Kind.REMNANT: ("Remnant", "Remnants"),
    Kind.FLIGHT_RECORD: ("Flight record", "Flight records"),
    Kind.OPEN_SOURCE: ("Openly published", "Openly published"),
    Kind.OTHER: ("Other item", "Other items"),
}
FIELDS = {
    Field.MUNITIONS: "munitions",
    Field.AVIATION: "aviation",
    Field.IMAGERY: "imagery",
    Field.VIDEO_AUDIO: "video and sound",
    Field.MEDICINE: "medicine",
    Field.BUILDINGS: "buildings",
    Field.DOCUMENTS: "documents",
    Field.OTHER: "another field",
}
ANSWERS = {
    Answer.CONFIDENT: "confident",
    Answer.PROBABLE: "probable",
    Answer.POSSIBLE: "possible",
    Answer.UNLIKELY: "unlikely",
    Answer.CANNOT_SAY: "cannot say",
}
HOWS = {
    How.GIVEN: "It was given to us, hand to hand",
    How.SENT: "It was sent to us",
    How.FOUND: "We found it",
    How.TAKEN: "We took it ourselves: photographed, filmed, measured",
}
BEARS = {
    Bears.SUPPORTS: "Supports it",
    Bears.CONTRADICTS: "Contradicts it",
    Bears.DOES_NOT_BEAR: "Says nothing of it",
}
SAYS = {
    Bears.SUPPORTS: "supports",
    Bears.CONTRADICTS: "contradicts",
    Bears.DOES_NOT_BEAR: "does not bear on",
}
GRADES = {
    Grade.AUTHENTIC: "authentic",
    Grade.PROBABLY_AUTHENTIC: "probably authentic",
    Grade.CANNOT_SAY: "cannot say",
    Grade.PROBABLY_NOT: "probably not authentic",
    Grade.NOT_AUTHENTIC: "not authentic",
}
CHECKS = {
    Check.ORIGIN: "where it comes from",
    Check.METADATA: "its metadata",
    Check.PLACE: "the place in it",
    Check.TIME: "the time in it",
    Check.OTHER_COPIES: "other copies of it",
    Check.EDITING: "traces of editing",
    Check.SHADOWS_WEATHER: "shadows and weather",
}
EVENTS = {
    What.COLLECTED: "Collected",
    What.TRANSFERRED: "Handed over",
    What.COPIED: "Copied",
    What.SHARED: "Shared",
    What.ARCHIVED: "Archived",
    What.ACCESSED: "File opened",
    What.VERIFIED: "File read back",
}
# What a browser may show inside a page. Of anything else it could make a page of its own, or run what lies in it.
_SHOWN = {
    "image": {"image/jpeg", "image/png", "image/webp", "image/gif"},
    "video": {"video/mp4", "video/webm", "video/ogg", "video/quicktime"},
    "audio": {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/flac"},
}


def shown_as(media: str) -> str | None:
    """As what a page shows a file of this type; None: it is only downloaded."""
    return next((kind for kind, known in _SHOWN.items() if media in known), None)


def hex_of(sha256: str) -> str:
    """A SHA-256 as other tools print it."""
    return base64.urlsafe_b64decode(sha256 + "=").hex()
