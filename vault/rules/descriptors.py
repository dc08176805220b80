"""What a quoted witness is called: descriptors, each with the wider one that contains it.

A ladder leads from "a doctor" to "a health worker" to "a resident". A descriptor tells neither the sex nor the age of
the witness, in no language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vault.errors import Invalid
from vault.rules.fields import Fields

LONGEST_LABEL = 80
_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Descriptor:
    """One way of calling a witness, and the code of the wider one; None for the widest."""

    code: str
    label: str
    wider: str | None


Descriptors = Mapping[str, Descriptor]


def parse(raw: object) -> Descriptors:
    """The descriptors of a vocabulary; raises Invalid unless each ladder leads upwards."""
    found: dict[str, Descriptor] = {}
    if not isinstance(raw, dict):
        raise Invalid("The descriptors of a vocabulary are a table.")
    for code, table in raw.items():
        fields = Fields(table, "A descriptor", ("label", "wider"))
        wider = fields.text("wider", LONGEST_LABEL) if "wider" in fields else None
        if not _CODE.fullmatch(code) or (wider is not None and wider not in found):
            raise fields.fault(
                "wider", "a descriptor that stands before it, and its own code in small letters"
            )
        found[code] = Descriptor(code, fields.text("label", LONGEST_LABEL), wider)
    return MappingProxyType(found)


def ladder(descriptors: Descriptors, code: str) -> tuple[str, ...]:
    """A descriptor and those that are wider, the narrowest first; raises Invalid when there is none."""
    if code not in descriptors:
        raise Invalid("Choose one of the descriptors that the vocabulary has.", "descriptor")
    wider = descriptors[code].wider
    return (code,) if wider is None else (code, *ladder(descriptors, wider))


def called(descriptors: Descriptors, code: str) -> str:
    """What a witness is called, as a label; raises Invalid when there is no such descriptor."""
    return descriptors[ladder(descriptors, code)[0]].label
