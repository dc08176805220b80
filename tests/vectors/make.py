"""Writes the test vectors beside this file: `.venv/bin/python tests/vectors/make.py`.

Keys, salts and coefficients follow from their names, so most files come out the same at each run. Boxes do not: sealing
draws its own randomness, so `boxes.json`, `escrows.json`, `cases.json`, `audits.json` and `chains.json` are others each
time, and as good.
Bytes are written as b64 (docs/FORMATS.md §1). A case with `refused` must not be accepted; its name says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault import founding, opening
from vault.sealing import audits, boxes, briefs, locks, shares
from vault.sealing.auditing import link_to_json
from vault.sealing.digests import b64, canonical, context, digest, document_digest, label, pad, unb64
from vault.sealing.keypairs import SealingKey, SigningKey
from vault.sealing.rosters import parse
from vault.sealing.words import fingerprint

Case = dict[str, Any]

HERE = Path(__file__).parent
RFC_5869 = [  # appendices A.1 to A.3: key, salt, info, size
    ("0b" * 22, "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42),
    (bytes(range(0x50)).hex(), bytes(range(0x60, 0xB0)).hex(), bytes(range(0xB0, 0x100)).hex(), 82),
    ("0b" * 22, "", "", 42),
]
SPELLABLE: dict[str, Any] = {
    "an empty object": {},
    "an empty list": [],
    "the three words": [None, True, False],
    "keys in ascending order": {"b": 1, "a": 2, "B": 3, "a1": 4, "": 5, "_": 6},
    "nesting": {"z": [{"y": [[]]}, {}], "a": {"c": {}, "b": []}},
    "integers": [0, -1, 10, 2**53 - 1, -(2**53) + 1],
    "quotes and backslashes": 'a "quoted" \\ and a / slash',
    "control characters": "".join(map(chr, range(0x20))) + "\x7f\x80\x9f",
    "Arabic": {"name": "أحمد بن عليّ الإدلبي", "place": "سرمين"},
    "composed and decomposed stay apart": ["\u00e9", "e\u0301"],
    "beyond the basic plane": "a witness \U0001f54a \U0001f468\u200d\U0001f469\u200d\U0001f467 \U00020000",
    "line and paragraph separators": "one\u2028two\u2029three",
    "a byte order mark and noncharacters": "\ufeff\ufffe\uffff",
    "directional marks": "\u200f\u202b\u2067\u202c\u2069",
}
UNSPELLABLE = {
    "a fraction": "1.5",
    "an integer of 2^53": "9007199254740992",
    "an integer of -2^53": "-9007199254740992",
    "a number beyond any range": "1e400",
    "half of a pair": '"\\ud800"',
    "the other half": '["\\udfff"]',
    "a pair in the wrong order": '"\\ude00\\ud83d"',
    "half of a pair as a key": '{"\\ud800": 1}',
    "a key that is not ASCII": '{"سرمين": 1}',
    "a fraction deep inside": '{"a": [{"b": 0.1}]}',
}
MISSPELT = {
    "padding": "AAA=",
    "the other alphabet": "+/+/",
    "a lone character": "AAAAA",
    "trailing bits": "AB",
    "trailing bits in three": "AAB",
    "white space": "AA AA",
    "a newline at the end": "AAAA\n",
    "a letter of another script": "\u0410AAA",
}
ABOUT = {"vault": b64(bytes(16)), "record": b64(b"\xff" * 16), "epoch": 1, "custodian": "C1"}


def made(name: str, size: int = 32) -> bytes:
    """Bytes that follow from their name."""
    return hashlib.shake_256(name.encode()).digest(size)


def flipped(data: bytes, at: int) -> str:
    """With one bit changed."""
    return b64(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def encodings() -> Iterable[Case]:
    for size in (0, 1, 2, 3, 4, 16, 33):
        data = made(f"b64 {size}", size)
        yield {"name": f"{size} bytes", "hex": data.hex(), "b64": b64(data)}
    for name, text in MISSPELT.items():
        yield {"name": name, "b64": text, "refused": True}


def canonicals() -> Iterable[Case]:
    for name, value in SPELLABLE.items():
        yield {"name": name, "json": json.dumps(value), "canonical": b64(canonical(value))}
    for name, text in UNSPELLABLE.items():
        yield {"name": name, "json": text, "refused": True}


def hashes() -> Iterable[Case]:
    for kind, data in (
        ("share", bytes(33)),
        ("document", b"{}"),
        ("witness", made("data", 200)),
        ("half", b""),
    ):
        yield {"name": f"hash of a {kind}", "kind": kind, "data": b64(data), "hash": b64(digest(kind, data))}
    for kind, about in (
        ("escrow", ABOUT),
        ("draft", {"member": "R1", "draft": b64(bytes(16))}),
        ("audit", {}),
    ):
        yield {
            "name": f"context of {kind}",
            "kind": kind,
            "about": about,
            "context": b64(context(kind, about)),
        }


def derivations() -> Iterable[Case]:
    for number, (key, salt, info, size) in enumerate(RFC_5869, 1):
        yield derivation(
            f"RFC 5869 A.{number}", bytes.fromhex(key), bytes.fromhex(salt), bytes.fromhex(info), size
        )
    yield derivation("locked", made("key"), made("salt"), label("locked"), 64)
    yield derivation("a record id", made("token"), b"", label("id/testimony"), 16)


def derivation(name: str, key: bytes, salt: bytes, info: bytes, size: int) -> Case:
    derived = HKDF(SHA256(), size, salt, info).derive(key)
    given = {"key": b64(key), "salt": b64(salt), "info": b64(info)}
    return {"name": name, **given, "size": size, "derived": b64(derived)}


def paddings() -> Iterable[Case]:
    for data, size in ((b"", 4), (b"a", 8), (made("padded", 60), 64), (made("long", 2044), 2048)):
        yield {
            "name": f"{len(data)} in {size}",
            "data": b64(data),
            "size": size,
            "padded": b64(pad(data, size)),
        }
    yield {"name": "one byte too many", "data": b64(bytes(61)), "size": 64, "refused": True}
    yield {"name": "no room for a length", "data": "", "size": 3, "refused": True}


def lockeds() -> Iterable[Case]:
    key, text = made("locked key"), "سرّ"
    with mock.patch("secrets.token_bytes", lambda size: made("locked salt", size)):
        locked = locks.lock(key, ("escrow", ABOUT), text.encode())
        empty = locks.lock(key, ("slot", {}), b"")
    good = {"key": b64(key), "kind": "escrow", "about": ABOUT, "locked": b64(locked)}
    salt = b64(made("locked salt"))
    yield {"name": "a short text", **good, "salt": salt, "plaintext": b64(text.encode())}
    yield {
        "name": "nothing",
        **good,
        "salt": salt,
        "kind": "slot",
        "about": {},
        "locked": b64(empty),
        "plaintext": "",
    }
    yield {"name": "another key", **good, "key": b64(made("other")), "refused": True}
    yield from misplaced(good, "locked", locked, {"salt": 4, "commitment": 36, "ciphertext": 68})


def boxed() -> Iterable[Case]:
    key, text = SealingKey(made("box seed")), "shown once"
    box = boxes.seal(key.public, ("share", ABOUT), text.encode())
    good = {
        "seed": b64(key.seed),
        "public": b64(key.public),
        "kind": "share",
        "about": ABOUT,
        "box": b64(box),
    }
    yield {"name": "a short text", **good, "plaintext": b64(text.encode())}
    empty = boxes.seal(key.public, ("grant", {}), b"")
    yield {"name": "nothing", **good, "kind": "grant", "about": {}, "box": b64(empty), "plaintext": ""}
    yield {"name": "another key", **good, "seed": b64(made("other")), "refused": True}
    yield from misplaced(
        good, "box", box, {"ML-KEM part": 4, "X25519 part": 4 + 1088, "ciphertext": 4 + 1120}
    )


def misplaced(good: Case, part: str, sealed: bytes, places: dict[str, int]) -> Iterable[Case]:
    """What a server that holds the ciphertext could try."""
    yield {"name": "another kind", **good, "kind": "draft", "refused": True}
    yield {"name": "another place", **good, "about": {**ABOUT, "epoch": 2}, "refused": True}
    for name, at in {"marker": 0, "version": 2, "sort": 3, **places, "tag": len(sealed) - 1}.items():
        yield {"name": f"a changed {name}", **good, part: flipped(sealed, at), "refused": True}
    yield {"name": "cut short", **good, part: b64(sealed[:-1]), "refused": True}
    yield {"name": "a byte more", **good, part: b64(sealed + b"\0"), "refused": True}
    yield {"name": "the marker alone", **good, part: b64(sealed[:4]), "refused": True}


def splits() -> Iterable[Case]:
    for threshold, total in ((2, 2), (2, 3), (3, 5), (5, 9), (9, 9)):
        yield split(f"{threshold} of {total}", [made(f"coefficient {i}") for i in range(1, threshold)], total)
    yield split("zero coefficients are allowed", [bytes(32), bytes(32)], 5)
    yield split("all bits set", [b"\xff" * 32, b"\xff" * 32], 9)
    dealt = split("", [made("coefficient 1")], 3)["shares"]
    for name, handed in {
        "the same index twice": [dealt[0], dealt[0]],
        "a single share": [dealt[0]],
        "index zero": [b64(bytes(33)), dealt[1]],
        "a share cut short": [b64(unb64(dealt[0])[:-1]), dealt[1]],
    }.items():
        yield {"name": name, "shares": handed, "refused": True}


def split(name: str, coefficients: list[bytes], total: int) -> Case:
    drawn, threshold = iter(coefficients), len(coefficients) + 1
    dealt = shares.split(made("secret"), threshold, total, lambda _: next(drawn))
    given = {"secret": b64(made("secret")), "coefficients": [b64(c) for c in coefficients]}
    return {"name": name, **given, "threshold": threshold, "total": total, "shares": [b64(s) for s in dealt]}


def escrowed() -> Iterable[Case]:
    """The first case is whole; each of the others is that one with `changed` members of its record."""
    seeds = {f"C{i}": made(f"custodian {i}") for i in range(1, 6)}
    document, name = roster(seeds), b64(made("record", 16))
    identity = {"format": "witness-vault/v1/identity", "pseudonym": "a-b-c-d", "name": "أحمد", "notes": ""}
    record, other = (
        opening.entrust(canonical(identity), "identity", name, parse(document)) for _ in range(2)
    )
    given = {"seeds": {code: b64(seed) for code, seed in seeds.items()}, "roster": document, "record": record}
    yield {"name": "3 of 5", **given, "payload": b64(canonical(identity))}
    for reason, changed in misled(record, other).items():
        yield {"name": reason, "changed": changed, "refused": True}


def misled(record: Case, other: Case) -> dict[str, Case]:
    """What a server that holds two records could try."""
    first, *rest = record["shares"]
    return {
        "another record": {"record": b64(bytes(16))},
        "another vault": {"vault": b64(bytes(16))},
        "another purpose": {"purpose": "case-key"},
        "another epoch": {"epoch": 2},
        "another roster": {"roster": 4},
        "a lower threshold": {"threshold": 2},
        "a payload of another sealing": {"locked": other["locked"]},
        "a changed payload": {"locked": flipped(unb64(record["locked"]), 200)},
        "a share of another sealing": {"shares": [other["shares"][0], *rest]},
        "another hash": {"shares": [{**first, "hash": other["shares"][0]["hash"]}, *rest]},
        "a custodian renamed": {"shares": [{**first, "custodian": "C9"}, *rest]},
        "a custodian left out": {"shares": rest},
    }


def pairs() -> Iterable[Case]:
    for name, seed in {"a seed": made("a seed"), "zeros": bytes(32), "all bits set": b"\xff" * 32}.items():
        yield {"name": name, "seed": b64(seed), "public": b64(SealingKey(seed).public)}


def spoken() -> Iterable[Case]:
    for name, hashed in {
        "a digest": made("a digest"),
        "zeros": bytes(32),
        "all bits set": b"\xff" * 32,
    }.items():
        yield {"name": name, "digest": b64(hashed), "words": fingerprint(hashed)}


def founded() -> Iterable[Case]:
    """A case as it is born: the browser must write the same document from the same brief, keys and escrow records."""
    seeds = {f"C{i}": made(f"custodian {i}") for i in range(1, 4)}
    members = [listed("R1", "researcher"), listed("V1", "reviewer"), listed("V2", "reviewer")]
    document = {**roster(seeds), "threshold": 2, "members": members}
    team = {
        "R1": ["brief"],
        "V1": ["brief", "corroboration", "editions", "evidence"],
        "V2": ["brief", "testimony"],
    }
    incident = {"title": "مشفى ميداني", "place": "سرمين", "date": "2015-10-20", "vocabulary": "air-strike"}
    plan = {"code": "S1", "title": "غارات جوية", "incidents": [incident], "team": team}
    with mock.patch.object(briefs, "seal_brief", lambda _file, signed: canonical(signed)):
        case, attached = founding.found_case(
            plan, parse(document), "V1", SigningKey(made("V1")), ["air-strike"]
        )
    publics = {key: entry["public"] for key, entry in case["keys"].items()}
    yield {
        "name": "a case for three",
        "plan": {"code": "S1", "team": case["team"]},
        "brief": json.loads(unb64(attached["brief"]))["document"],
        "roster": document,
        "born": {"publics": publics, "escrows": attached["escrows"]},
        "document": case,
        "digest": b64(document_digest(case)),
    }


def recorded() -> list[audits.Entry]:
    """Four entries of one chain, the second about a signed decision."""
    key, made_so_far = SealingKey(made("custodian 1")), list[audits.Entry]()
    for position, act in enumerate(("case proposed", "case signed", "edition cut", "edition read"), 1):
        previous = made_so_far[-1].link if made_so_far else audits.START
        content = {"day": "2026-11-22", "actor": "V1", "act": act, "about": {"case": "S1", "place": "سرمين"}}
        place = position, previous, made("decision") if act == "case signed" else None
        made_so_far.append(audits.seal(place, content, {"C1": key.public}))
    return made_so_far


def audited() -> Iterable[Case]:
    """Entries as one custodian opens them; each after the first is that one, changed."""
    key, entries = SealingKey(made("custodian 1")), recorded()
    good, other = (audits.to_json(entry) for entry in entries[1:3])
    given = {"seed": b64(key.seed), "code": "C1", "entry": good}
    yield {"name": "an entry", **given, "body": b64(canonical(audits.read(entries[1], "C1", key)))}
    yield {"name": "another key", **given, "seed": b64(made("other")), "refused": True}
    yield {"name": "another custodian", **given, "code": "C2", "refused": True}
    for name, changed in {
        "another place": {"position": 3},
        "another commitment": {"commitment": other["commitment"]},
        "the body of another": {"body": other["body"]},
        "the key of another": {"keys": other["keys"]},
        "body and key of another": {"body": other["body"], "keys": other["keys"]},
        "a changed body": {"body": flipped(unb64(good["body"]), 200)},
        "a changed key": {"keys": {"C1": flipped(unb64(good["keys"]["C1"]), 1130)}},
    }.items():
        yield {"name": name, **given, "entry": {**good, **changed}, "refused": True}


def chains() -> Iterable[Case]:
    """Links from the first on; `at` is the first that does not hold."""
    links = [link_to_json((entry.link, entry.commitment, entry.decision)) for entry in recorded()]
    first, second, third, fourth = links
    yield {"name": "four", "links": links, "end": fourth["link"]}
    yield {"name": "none", "links": [], "end": b64(audits.START)}
    for name, at, changed in (
        ("without its first", 1, links[1:]),
        ("one left out", 2, [first, third, fourth]),
        ("two in each other's place", 2, [first, third, second, fourth]),
        ("one twice", 3, [first, second, second, third]),
        ("another commitment", 3, [first, second, {**third, "commitment": b64(bytes(32))}, fourth]),
        ("no decision", 2, [first, {**second, "decision": None}, third, fourth]),
        ("a decision where none was", 4, [first, second, third, {**fourth, "decision": second["decision"]}]),
    ):
        yield {"name": name, "links": changed, "at": at, "refused": True}


def listed(code: str, role: str) -> Case:
    """A member, as a roster lists them."""
    keys = {"sealing": b64(SealingKey(made(code)).public), "signing": b64(SigningKey(made(code)).public)}
    return {"code": code, "role": role, **keys, "request": None}


def roster(seeds: dict[str, bytes]) -> Case:
    """An unsigned roster document, whose custodians' sealing keys have these seeds."""
    return {
        "format": "witness-vault/v1/roster",
        "vault": b64(made("vault", 16)),
        "version": 3,
        "previous": b64(made("previous")),
        "epoch": 1,
        "threshold": 3,
        "issued": "2026-11-22",
        "expires": "2027-05-21",
        "cooling": 0,
        "page": None,
        "custodians": [
            {"code": code, "sealing": b64(SealingKey(seed).public), "signing": b64(SigningKey(seed).public)}
            for code, seed in seeds.items()
        ],
        "members": [],
    }


FILES = {
    "b64": encodings,
    "canonical": canonicals,
    "hashes": hashes,
    "derivations": derivations,
    "padding": paddings,
    "locked": lockeds,
    "boxes": boxed,
    "shares": splits,
    "escrows": escrowed,
    "keypairs": pairs,
    "words": spoken,
    "cases": founded,
    "audits": audited,
    "chains": chains,
}

if __name__ == "__main__":
    for file, cases in FILES.items():
        text = json.dumps(list(cases()), indent=1, ensure_ascii=True)
        (HERE / f"{file}.json").write_text(text + "\n", "ascii")
