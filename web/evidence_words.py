"""What is said of evidence and by experts, in words."""

from __future__ import annotations

from vault.rules.evidence import Kind
from vault.rules.opinions import Answer, Field

KINDS = {
    Kind.VIDEO: ("Video", "Videos"),
    Kind.PHOTO: ("Photograph", "Photographs"),
    Kind.SATELLITE_IMAGE: ("Satellite image", "Satellite images"),
    Kind.AUDIO: ("Sound recording", "Sound recordings"),
    Kind.DOCUMENT: ("Document", "Documents"),
    Kind.REMNANT: ("Remnant", "Remnants"),
    Kind.FLIGHT_RECORD: ("Flight record", "Flight records"),
    Kind.OPEN_SOURCE: ("Open source", "Open sources"),
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
