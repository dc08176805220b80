"""A case of any size to tabulate, made of packed numbers; and what counts in it, worked out by plain loops."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from vault.rules.accounts import Deposited
from vault.rules.claims import Claim
from vault.rules.consent import Consent
from vault.rules.independence import COLUMNS, DIRECT_COLUMNS
from vault.rules.observations import Certainty, Distance, Observation
from vault.rules.packed import KINDS, LOW, Packed, distinct, link
from vault.rules.packing import pack
from vault.rules.vocabulary import Modality, Perception, Placed, Range, ValueKind, Vocabulary

VOCABULARY = Vocabulary.parse(Path("config/vocabulary/air-strike.toml").read_text("utf-8"))
PER_DEPOSIT, PER_INCIDENT = 15, 1_000  # observations
AGREES = Consent(True, frozenset({"corroboration"}))
SENSES = {place for place, name in enumerate(COLUMNS) if name in DIRECT_COLUMNS}
Entry = tuple[int, int, int, int]  # cell, person, person of the lower bound, columns
_HOW = [
    ("saw",),
    ("heard",),
    ("felt",),
    ("saw", "heard"),
    ("saw_aftermath",),
    ("learnt_from_others",),
    ("inferred",),
]


def observation(random: Random, incident: str) -> Observation:
    """Something said on some claim."""
    subject = random.choice(VOCABULARY.subjects)
    value = random.choice(list(subject.codes)) if subject.codes else "yes"
    if subject.kind is ValueKind.NUMBER:
        low = subject.minimum + random.randrange(3)
        number = low if random.random() < 0.7 else Range(low, low + 1)
    did_not = random.random() < 0.15
    return Observation(
        incident=incident,
        subject=subject.code,
        value=number if subject.kind is ValueKind.NUMBER else value,
        perception=frozenset({Perception.DID_NOT_SEE} if did_not else map(Perception, random.choice(_HOW))),
        modality=random.choice(
            [Modality.DENIED, Modality.NOT_ABLE_TO_SAY] if did_not else [Modality.AFFIRMED]
        ),
        placed=random.choice(list(Placed)),
        certainty=random.choice([None, *Certainty]),
        distance=random.choice([None, *Distance]),
    )


def case(observations: int, told: bool = False) -> Packed:
    """So many observations, 15 a deposit, 1,000 an incident; every tenth deposit names somebody of the household, every
    third an introducer. With `told`, one observation in 500 names its origin."""
    random, numbers = Random(observations), np.random.default_rng(observations)
    said = tuple(observation(random, "incident") for _ in range(20_000))
    sample = pack([Deposited("", None, "", AGREES, (), said)], {"incident": VOCABULARY})
    many = observations // PER_DEPOSIT
    deposit = np.repeat(np.arange(many, dtype=np.uint64), PER_DEPOSIT)
    incident = numbers.integers(0, max(1, observations // PER_INCIDENT), many).astype(np.uint64)
    chosen = numbers.integers(0, len(sample.keys), len(deposit))
    claim = sample.cells[sample.keys[chosen] >> np.uint64(36)] & LOW
    cells, cell = np.unique((incident[deposit] << np.uint64(32)) | claim, return_inverse=True)
    keys = (cell.astype(np.uint64) << np.uint64(36)) | (deposit << np.uint64(12))
    keys |= sample.keys[chosen] & np.uint64(0xFFF)
    order = np.argsort(keys, kind="stable")
    at = np.flatnonzero(numbers.random(len(deposit)) < 0.002) if told else np.zeros(0, np.intp)
    origins = np.column_stack((cell[at], deposit[at], numbers.integers(0, many, len(at)))).astype(np.uint32)
    return replace(
        sample,
        texts={
            **sample.texts,
            **{
                "incidents": _names(int(incident.max()) + 1),
                "witnesses": _names(many),
                "digests": _names(many, 32),
            },
            "labels": _names(many // 3 + 1),
        },
        **{name: np.zeros(many, np.uint32) for name in ("depositor", "consent", "replaced", "match")},
        witness=numbers.permutation(many).astype(np.uint32),
        cells=cells,
        keys=keys[order],
        saying=sample.saying[chosen][order],
        links=_links(many, numbers),
        told=origins.reshape(-1),
    )


def entries(packed: Packed) -> Iterator[Entry]:
    """Each observation, once for each cell on which it bears, with whom it counts: what a plain database would hold."""
    strong, weak = _groups(packed)
    claims = packed.claims
    names = {claim: place for place, claim in enumerate(claims)}
    above = [_above(claim, names) for claim in claims]
    coded: dict[tuple[int, str], list[int]] = {}
    for cell in packed.cells.tolist():
        coded.setdefault((cell >> 32, claims[cell & 0xFFFFFFFF][1]), []).append(cell & 0xFFFFFFFF)
    senses = sum(1 << place for place in SENSES)
    wider = (1 << COLUMNS.index("denied")) | (1 << COLUMNS.index("not_perceived"))
    for key in packed.keys.tolist():
        place = packed.cells[key >> 36]
        incident, claim, bits = int(place) >> 32, int(place) & 0xFFFFFFFF, key & 0xFFF
        witness = int(packed.witness[key >> 12 & 0xFFFFFF])
        who = strong[witness], weak[witness]
        yield (incident << 32 | claim, *who, bits)
        for other in above[claim]:
            yield (incident << 32 | other, *who, bits & senses)
        _, subject, value = claims[claim]
        for other in coded[incident, subject] if not isinstance(value, str) else ():
            theirs = claims[other][2]
            if other != claim and Vocabulary.contains(theirs, value):
                yield (incident << 32 | other, *who, bits & ~wider)
            if other != claim and Vocabulary.contains(value, theirs):
                yield (incident << 32 | other, *who, bits & wider)


def _above(claim: Claim, names: dict[Claim, int]) -> list[int]:
    found: list[Claim] = [(claim[0], subject, "yes") for subject in VOCABULARY.ancestors(claim[1])]
    return [names[one] for one in found]


def _groups(packed: Packed) -> tuple[list[int], list[int]]:
    strong = list(range(len(packed)))

    def top(leader: list[int], witness: int) -> int:
        while leader[witness] != witness:
            leader[witness] = leader[leader[witness]]
            witness = leader[witness]
        return witness

    introduced: dict[int, list[int]] = {}
    for one in packed.links.tolist():
        deposit, kind, whom = one >> 40, one >> 32 & 0xFF, one & 0xFFFFFFFF
        witness = int(packed.witness[deposit])
        if kind == 2:
            strong[top(strong, witness)] = top(strong, whom)
        else:
            introduced.setdefault(whom, []).append(witness)
    weak = [top(strong, witness) for witness in range(len(strong))]
    for together in introduced.values():
        for witness in together:
            weak[top(weak, witness)] = top(weak, together[0])
    both = range(len(strong))
    return [top(strong, witness) for witness in both], [top(weak, witness) for witness in both]


def _links(many: int, numbers: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    found = []
    for kind, share, among in ((2, 0.1, many), (3, 0.33, many // 3 + 1)):
        deposits = np.flatnonzero(numbers.random(many) < share).astype(np.uint64)
        found.append(link(deposits, kind, numbers.integers(0, among, len(deposits)).astype(np.uint64)))
    assert len(KINDS) == 6
    return distinct(np.concatenate(found))


def _names(many: int, size: int = 16) -> bytes:
    found = sorted(
        base64.urlsafe_b64encode(secrets.token_bytes(size)).decode().rstrip("=") for _ in range(many)
    )
    return json.dumps(found, separators=(",", ":")).encode()
