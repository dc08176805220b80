"""What of a vocabulary is frozen once it is released, and what a later version breaks.

`python -m tests.rules.releases` writes the present vocabularies down as released; docs/VOCABULARIES.md says when.
"""

import json
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from config.settings import vocabulary_texts
from vault.rules.vocabulary import Vocabulary

RELEASED = Path(__file__).parents[1] / "vocabulary-release.json"
Frozen = dict[str, Any]


def present() -> dict[str, Vocabulary]:
    """The vocabularies as they are now, by name."""
    return {name: Vocabulary.parse(text) for name, text in vocabulary_texts().items()}


def frozen(vocabulary: Vocabulary) -> Frozen:
    """All of a vocabulary that what was sealed, counted or translated relies on."""
    return {
        "version": vocabulary.version,
        "groups": dict(vocabulary.groups),
        "descriptors": {code: [one.label, one.wider] for code, one in vocabulary.descriptors.items()},
        "subjects": {
            subject.code: {
                "label": subject.label,
                "group": subject.group,
                "kind": str(subject.kind),
                "bounds": [subject.minimum, subject.maximum],
                "codes": dict(subject.codes),
                "parent": subject.parent,
            }
            for subject in vocabulary.subjects
        },
    }


def broken(released: Frozen, now: Frozen) -> list[str]:
    """What a vocabulary takes back of its release, in words; empty when everything sealed still means the same."""
    faults = _kept("claims", released["subjects"], now["subjects"])
    before, called = released.get("descriptors", {}), now["descriptors"]  # the first releases had none
    faults += [] if before.keys() <= called.keys() else ["descriptors taken away or renamed"]
    same = (code for code in before if code in called and before[code][1] != called[code][1])
    faults += [f"{code}: another wider descriptor" for code in same]
    for code in (code for code in released["subjects"] if code in now["subjects"]):
        old, new = released["subjects"][code], now["subjects"][code]
        faults += [f"{code}: another {part}" for part in ("kind", "parent") if old[part] != new[part]]
        faults += [f"{code}: {fault}" for fault in _kept("codes", old["codes"], new["codes"])]
        if old["kind"] == "band" and old["codes"].keys() != new["codes"].keys():
            faults.append(f"{code}: a band takes no further code; a finer scale is a claim of its own")
        if not new["bounds"][0] <= old["bounds"][0] <= old["bounds"][1] <= new["bounds"][1]:
            faults.append(f"{code}: narrower bounds")
    if now["version"] < released["version"] + (now != {**released, "version": now["version"]}):
        faults.append("the version was not raised")
    return faults


def reworded(released: Frozen, now: Frozen) -> list[str]:
    """The codes whose English changed: every translation of them must be looked at again."""
    old, new = _english(released), _english(now)
    return [code for code in old if code in new and old[code] != new[code]]


def _kept(what: str, old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    still = [code for code in new if code in old]
    if still == list(old):
        return []
    return [f"{what} taken away or renamed" if len(still) < len(old) else f"{what} in another order"]


def _english(content: Frozen) -> dict[str, str]:
    claims = content["subjects"]
    coded = chain.from_iterable(
        ((f"{code}: {one}", label) for one, label in claims[code]["codes"].items()) for code in claims
    )
    called = {f"called: {code}": label for code, (label, _) in content.get("descriptors", {}).items()}
    return {**content["groups"], **called, **{code: claims[code]["label"] for code in claims}, **dict(coded)}


if __name__ == "__main__":
    content = {name: frozen(vocabulary) for name, vocabulary in present().items()}
    RELEASED.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
