"""Verifies a published statement, offline. One file: Python 3.11, `cryptography`, and for stamps `rfc3161-client`.

    python verifier.py published.json [openings.json ...] [--authority tsa.pem] [--checkpoint other.txt]

Steps, in this order; a failure names its step:
  form         the file has exactly the members that it may have, in the one spelling that it may have
  rosters      the lists of custodians and members follow from each other, each signed by a quorum
  signatures   the statement is signed by who prepared it, by other reviewers and by a custodian
  edition      the root of the tree of what was counted is in the entry of the log
  checkpoint   the log's state is signed by the key that the statement names
  log          the entry is in the log
  stamp        an authority that you name stamped that state of the log (RFC 3161)
  fork         another checkpoint that you hold is of the same log (with --checkpoint)
  openings     what a line counts: so many different commitments, all under the root (with openings)

Exit codes: 0 proved, with a stamp; 3 all but the date, which the vault asserts; 4 not yet in the log; 1 a step failed;
2 called wrongly, or something is lacking. The format: docs/FORMATS.md of Witness Vault, sections 1, 2.6, 6, 15 and 16.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from datetime import datetime

Json = Any
PROVED, FAILED, MISUSED, DATE_ASSERTED, NOT_IN_LOG = range(5)
VERDICTS = {
    PROVED: "Proved: the statement rests on what was counted before the stamped time, and was not changed since.",
    DATE_ASSERTED: "Date asserted, not proved: all holds, but only the vault says when.",
    NOT_IN_LOG: "Not yet in the log: the signatures hold; ask for the file again when it has its proof.",
}
PROVES = (
    "that the members and custodians of this vault signed exactly this statement",
    "with a stamp: that what was counted existed before the stamped time, and was not changed later",
    "with openings: that a line rests on so many different accounts that the vault had committed to",
)
DOES_NOT_PROVE = (
    "that the witnesses said the truth",
    "that the vault shows everything that it was told",
    "that different accounts are of different persons: for that there is only the custodians' word",
    "whose vault this is: compare its founding digest with one that you have from its people",
)
COLUMNS = ("direct", "saw", "heard", "felt", "smelled", "attended")
CONSENTS = {True: "all_counted_and_all_complements", False: "aggregate"}  # exact; at least
QUOTED = "{descriptor}: \u201c{words}\u201d, of lines {claims}"
MONTH = "[0-9]{4}-(0[1-9]|1[0-2])"
DAY = f"{MONTH}-[0-3][0-9]"
CODE = "[A-Z][A-Z0-9]{0,7}"
SUBJECT = r"[a-z][a-z0-9_]{0,79}(\.[a-z][a-z0-9_]{0,79})?"
LABEL = b"witness-vault/v1/"
LARGEST = 16 * 2**20
_FORM = "It does not have the form that it must have."
_MEMBERS = {  # of each object, exactly these
    "witness-vault/v1/published": "format statement rosters proof",
    "witness-vault/v1/statement": "format vault incident about vocabulary month same_person lines policy consent root"
    " log previous roster preparer",
    "line": "subject value column number exactly within leaves",
    "quote": "words descriptor claims",
    "policy": "name ladder pool share cover width reviewers revised_after_days",
    "log": "origin key",
    "proof": "edition entry log checkpoint stamps",
    "witness-vault/v1/log-entry": "format vault number day root",
    "stamp": "answer hash",
    "place": "index size path",
    "witness-vault/v1/commitment": "format vault incident subject value column salt",
    "witness-vault/v1/commitment-openings": "format statement line leaves paths",
    "witness-vault/v1/consistency": "format first second path",
}


class Wrong(Exception):  # noqa: N818 - it is raised as a sentence
    """What does not hold, in one sentence."""


class Failed(Exception):  # noqa: N818
    """A step that does not hold, and why."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason


class Misused(Exception):  # noqa: N818
    """The program lacks something that it was asked to use."""


class Report:
    """What was verified, step by step, and the verdict."""

    def __init__(self) -> None:
        self.code = FAILED
        self.verdict = self.vault = self.statement = ""
        self.failed: str | None = None
        self.day: str | None = None  # of the entry, as the vault says
        self.stamped: str | None = None  # when, as an authority says
        self.about: dict[str, str] = {}  # what it is about, by language
        self.lines: list[str] = []
        self.steps: list[dict[str, str]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, str]]:
        """Runs one step: notes what it says when it holds, or raises Failed with its name."""
        taken = {"step": name, "says": ""}
        try:
            yield taken
        except Wrong as error:
            raise Failed(name, str(error)) from None
        except InvalidSignature:
            raise Failed(name, "A signature does not hold.") from None
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            raise Failed(name, _FORM) from None
        self.steps.append(taken)


# --- bytes: FORMATS 1 and 2.6 ------------------------------------------------------------------------------------


def need(held: object, reason: str = _FORM) -> None:
    """Raises Wrong unless something holds."""
    if not held:
        raise Wrong(reason)


def canonical(value: Json) -> bytes:
    """The one spelling of a value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def parse(data: bytes) -> Json:
    """The value that is spelled like this and in no other way; a line's end may follow. Raises Wrong."""
    need(len(data) <= LARGEST, "It is too large.")
    try:
        value = json.loads(
            data, parse_float=_none, parse_constant=_none, parse_int=_whole, object_pairs_hook=_object
        )
        spelled = canonical(value)
    except (ValueError, RecursionError):
        raise Wrong("It is not written as the vault writes.") from None
    need(
        data.removesuffix(b"\n") == spelled,
        "It is not written as the vault writes: take the file as it was sent.",
    )
    return value


def _none(_: str) -> Json:
    raise ValueError


def _whole(text: str) -> int:
    need(len(text) < 18 and abs(int(text)) < 2**53)
    return int(text)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    need(all(key.isascii() for key, _ in pairs))  # a key that stands twice is noticed by its spelling
    return dict(pairs)


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: Json, size: int | None = None) -> bytes:
    """The bytes that `b64` writes like this. Raises Wrong."""
    need(isinstance(text, str) and re.fullmatch("[A-Za-z0-9_-]*", text) and len(text) % 4 != 1)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(b64(data) == text and size in (None, len(data)))
    return data


def digest(document: Json) -> bytes:
    """The name of a document."""
    return hashlib.sha256(LABEL + b"document\0" + canonical(document)).digest()


def exactly(value: Json, kind: str) -> None:
    """Raises Wrong unless an object has the members of its kind, and its format if the kind has one."""
    need(isinstance(value, dict) and set(value) == set(_MEMBERS[kind].split()))
    need(value.get("format", kind) == kind)


def signed(value: Json, kind: str) -> tuple[Json, dict[str, bytes]]:
    """A document of a kind, and its signatures by signer."""
    need(
        set(value) == {"document", "signatures"} and value["document"]["format"] == f"witness-vault/v1/{kind}"
    )
    need(all(set(entry) == {"by", "signature"} for entry in value["signatures"]))
    names = [entry["by"] for entry in value["signatures"]]
    need(all(matches(CODE, by) for by in names) and names == sorted(set(names)))
    return value["document"], {entry["by"]: unb64(entry["signature"], 64) for entry in value["signatures"]}


def check_signature(document: Json, signature: bytes, public: bytes) -> None:
    """Raises InvalidSignature unless it is a signature of the document by this key."""
    message = LABEL + b"signature\0" + canonical(document)
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


# --- trees and notes: RFC 6962, C2SP signed-note and tlog-checkpoint -----------------------------------------------


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def climb(leaf: bytes, place: Json, sizes: Callable[[int], bool]) -> bytes:
    """The root to which the path of a leaf leads, in a tree of a permitted size (RFC 9162, 2.1.3.2)."""
    exactly(place, "place")
    index, size = number(place["index"]), number(place["size"])
    need(index < size and sizes(size))
    found, last = leaf, size - 1
    for sibling in [unb64(one, 32) for one in place["path"]]:
        need(last > 0)
        if index & 1 or index == last:
            found = node_hash(sibling, found)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        index, last = index >> 1, last >> 1
    need(last == 0)
    return found


def continues(first: tuple[int, bytes], second: tuple[int, bytes], path: Sequence[bytes]) -> bool:
    """Whether the second tree, size and root, begins with the first (RFC 9162, 2.1.4.2)."""
    (size, old), (later, new) = first, second
    proof = list(path) if size & (size - 1) else [old, *path]
    need(0 < size < later and proof)
    index, last = size - 1, later - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    before = after = proof[0]
    for sibling in proof[1:]:
        need(last > 0)
        if index & 1 or index == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and (before, after) == (old, new)


def grown(smallest: int) -> Callable[[int], bool]:
    """Whether a size is the smallest one of a padded tree, or four times, sixteen times … that."""
    return lambda size: size in {smallest * 4**step for step in range(12)}


def signed_text(note: str) -> bytes:
    """The part of a note that is signed, and stamped."""
    text, blank, _ = note.rpartition("\n\n")
    need(blank)
    return f"{text}\n".encode()


def read_checkpoint(note: str, log: Json) -> tuple[int, bytes]:
    """Size and root of the log, signed by its key; lines of other keys are passed over."""
    text, below = signed_text(note), note.rpartition("\n\n")[2]
    public, signature = unb64(log["key"], 32), None
    name = hashlib.sha256(log["origin"].encode() + b"\n\x01" + public).digest()[:4]
    need(below.endswith("\n"))
    for line in below.split("\n")[:-1]:
        dash, by, data = line.split(" ")
        need(dash == "\u2014" and base64.b64encode(base64.b64decode(data, validate=True)).decode() == data)
        if by == log["origin"] and base64.b64decode(data)[:4] == name:
            signature = base64.b64decode(data)[4:]
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    need(signature, "The key of the log did not sign it.")
    origin, size, root, end = text.decode().split("\n")
    need(not end and origin == log["origin"] and re.fullmatch("[1-9][0-9]{0,14}", size))
    found = base64.b64decode(root, validate=True)
    need(len(found) == 32 and base64.b64encode(found).decode() == root)
    return int(size), found


# --- the form of a statement: FORMATS 16 ---------------------------------------------------------------------------


def number(value: Json, least: int = 0) -> int:
    """A whole number that is not below `least`."""
    need(type(value) is int and value >= least)
    return int(value)


def matches(pattern: str, value: Json) -> bool:
    """Whether a value is text of this pattern, whole."""
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def check_statement(document: Json) -> None:
    """Raises Wrong (or what a wrong type raises) unless a statement has the form that it must have."""
    exactly({name: one for name, one in document.items() if name != "quotes"}, "witness-vault/v1/statement")
    for name, size in (("vault", 16), ("incident", 16), ("root", 32)):
        unb64(document[name], size)
    need(document["previous"] is None or unb64(document["previous"], 32))
    about = document["about"].items()
    need(about and all(matches("[a-z]{2,3}", one) and _is_line(text) for one, text in about))
    need(matches("[a-z][a-z0-9-]{0,39}", document["vocabulary"]) and matches(MONTH, document["month"]))
    need(matches(f"not done|{MONTH}(, in part)?", document["same_person"]))
    need(matches(CODE, document["preparer"]) and number(document["roster"], 1))
    exactly(document["log"], "log")
    need(
        document["log"]["origin"] == f"witness-vault/{document['vault']}"
        and unb64(document["log"]["key"], 32)
    )
    ladder = _check_policy(document["policy"])
    lines = document["lines"]
    need(isinstance(lines, list) and 0 < len(lines) <= 100)
    for at, line in enumerate(lines):
        _check_line(line, lines[:at], ladder)
        need(line["exactly"] is lines[0]["exactly"] and document["consent"] == CONSENTS[line["exactly"]])
    need(len({canonical([line["subject"], line["value"], line["column"]]) for line in lines}) == len(lines))
    if "quotes" in document:
        _check_quotes(document["quotes"], lines)


def _check_quotes(quotes: Json, lines: list[Json]) -> None:
    """Each quote asserts what exact lines say, perceived directly, each within the one before."""
    need(isinstance(quotes, list) and 0 < len(quotes) <= 20)
    for quote in quotes:
        exactly(quote, "quote")
        need(_is_line(quote["words"], 600) and matches("[a-z][a-z0-9_]{0,79}", quote["descriptor"]))
        claims = quote["claims"]
        need(isinstance(claims, list) and 0 < len(claims) <= 10)
        for place, at in enumerate(claims):
            need(number(at) < len(lines) and lines[at]["exactly"] and lines[at]["column"] == "direct")
            need(place == 0 or claims[place - 1] in _around(lines, at))
    need(len({canonical(quote) for quote in quotes}) == len(quotes))


def _around(lines: list[Json], at: int) -> list[int]:
    """The lines among whose persons those of a line are."""
    within = lines[at]["within"]
    return [] if within is None else [within, *_around(lines, within)]


def _is_line(text: Json, longest: int = 500) -> Json:
    joined = isinstance(text, str) and text.replace("\u200c", "").replace("\u200d", "")
    return joined and joined.isprintable() and 0 < len(text.strip()) <= len(text) <= longest


def _check_policy(policy: Json) -> list[int]:
    """The steps of its ladder. No policy is weaker than these bounds."""
    exactly(policy, "policy")
    need(matches("[A-Z][A-Za-z0-9.-]{0,19}", policy["name"]) and number(policy["share"], 1) <= 100)
    for name, least in (("pool", 1), ("cover", 1), ("width", 2), ("reviewers", 1), ("revised_after_days", 0)):
        number(policy[name], least)
    ladder = [number(step, 3) for step in policy["ladder"]]
    need(ladder and ladder == sorted(set(ladder)))
    return ladder


def _check_line(line: Json, earlier: list[Json], ladder: list[int]) -> None:
    exactly(line, "line")
    value, within = line["value"], line["within"]
    if isinstance(value, dict):
        need(set(value) == {"min", "max"} and number(value["min"]) < number(value["max"]))
    else:
        need(matches("[a-z0-9][a-z0-9_]{0,79}", value) or number(value) >= 0)
    need(matches(SUBJECT, line["subject"]) and line["column"] in COLUMNS and type(line["exactly"]) is bool)
    count = number(line["number"], int(line["exactly"]))
    if not line["exactly"]:
        need(count in (0, *ladder) and within is None)
    elif within is None:
        need(not earlier and count >= ladder[0])
    else:
        need(number(within) < len(earlier) and count <= earlier[within]["number"])
    # nothing is committed to where fewer were counted than the first step: a digest would tell none from some
    need((line["leaves"] is None) == (count == 0) and (count == 0 or unb64(line["leaves"], 32)))


# --- the steps -----------------------------------------------------------------------------------------------------


def check_rosters(chain: Sequence[Json]) -> list[Json]:
    """The roster documents, each signed by a quorum of its own and, from the second on, of the one before."""
    documents: list[Json] = []
    for version, one in enumerate(chain, 1):
        document, signatures = signed(one, "roster")
        previous = documents[-1] if documents else None
        need(document["version"] == version, "A version is missing.")
        need(
            document["previous"] == (b64(digest(previous)) if previous else None),
            "A version does not follow.",
        )
        need(previous is None or document["vault"] == previous["vault"], "A version is of another vault.")
        keys = [_custodians(roster) for roster in (previous, document) if roster]
        for by, signature in signatures.items():
            found = {known[by] for known in keys if by in known}
            need(found, "It is signed by somebody whom it does not list.")
            for public in found:
                check_signature(document, signature, public)
        wanted = [previous["threshold"], document["threshold"]] if previous else [len(keys[0])]
        for known, quorum in zip(keys, wanted, strict=True):
            need(len(signatures.keys() & known.keys()) >= quorum, "A version is not signed by a quorum.")
        documents.append(document)
    need(documents, "There is no roster.")
    return documents


def _custodians(roster: Json) -> dict[str, bytes]:
    keys = {entry["code"]: unb64(entry["signing"], 32) for entry in roster["custodians"]}
    need(all(matches(CODE, code) for code in keys) and len(set(keys.values())) == len(keys))
    need(len(keys) == len(roster["custodians"]) and 2 <= number(roster["threshold"]) <= len(keys) <= 9)
    return keys


def check_signatures(document: Json, signatures: dict[str, bytes], rosters: Sequence[Json]) -> None:
    """Signed by who prepared it, by so many other reviewers as its policy says, and by a custodian."""
    need(document["roster"] <= len(rosters), "It names a roster that is not in the file.")
    roster = rosters[document["roster"] - 1]
    need(document["vault"] == roster["vault"], "It is of another vault than the rosters.")
    custodians = _custodians(roster)
    members = [entry for entry in roster["members"] if entry["role"] == "reviewer"]
    reviewers = {entry["code"]: unb64(entry["signing"], 32) for entry in members}
    keys = {**reviewers, **custodians}
    for by, signature in signatures.items():
        need(by in keys, "It is signed by somebody who is neither a reviewer nor a custodian.")
        check_signature(document, signature, keys[by])
    need(len({keys[by] for by in signatures}) == len(signatures), "Two signatures are by one key.")
    need(
        document["preparer"] in reviewers and document["preparer"] in signatures,
        "Who prepared it did not sign.",
    )
    others = signatures.keys() & reviewers.keys() - {document["preparer"]}
    need(len(others) >= document["policy"]["reviewers"], "Too few other reviewers signed.")
    need(signatures.keys() & custodians.keys(), "No custodian signed.")


def check_edition(document: Json, proof: Json) -> None:
    """The root of the edition's tree is one of the values of the log's entry."""
    entry = proof["entry"]
    exactly(entry, "witness-vault/v1/log-entry")
    need(entry["vault"] == document["vault"] and matches(DAY, entry["day"]))
    found = climb(leaf_hash(unb64(document["root"], 32)), proof["edition"], grown(16))
    need(
        found == unb64(entry["root"], 32), "The entry of the log does not contain the root of the statement."
    )


def check_log(checkpoint: tuple[int, bytes], proof: Json) -> None:
    """The entry stands in the log at its number."""
    size, root = checkpoint
    found = climb(leaf_hash(canonical(proof["entry"])), proof["log"], lambda one: one == size)
    need(
        proof["log"]["index"] == number(proof["entry"]["number"], 1) - 1 and found == root,
        "The log has no such entry.",
    )


def check_stamp(stamp: bytes, text: bytes, authorities: Sequence[bytes]) -> datetime:
    """When an authority stamped this text. Raises Wrong unless one of those whose certificates these are did."""
    try:  # stamps alone need these two
        from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415
    except ImportError:
        raise Misused("A stamp needs the package rfc3161-client: install it, then verify again.") from None

    response = decode_timestamp_response(stamp)
    for pem in authorities:
        try:
            root, *between = reversed(load_pem_x509_certificates(pem))
            builder = VerifierBuilder(roots=[root], intermediates=between)
            builder.build().verify_message(response, text)
        except VerificationError:
            continue
        return response.tst_info.gen_time
    raise Wrong("A stamp is by none of the authorities that you name, or was changed.")


def check_fork(checkpoint: tuple[int, bytes], other: tuple[int, bytes], consistency: Json | None) -> None:
    """Both checkpoints are of one log that only grew."""
    first, second = sorted((checkpoint, other))
    forked = (
        "The log has been forked: its key signed both of these. Keep both checkpoints, they are the evidence."
    )
    if first[0] == second[0]:
        need(first == second, forked)
        return
    if consistency is None:
        raise Misused(
            f"Ask the vault how {first[0]} entries became {second[0]}, and give it with --consistency."
        )
    exactly(consistency, "witness-vault/v1/consistency")
    need(
        (consistency["first"], consistency["second"]) == (first[0], second[0]), "It is of other checkpoints."
    )
    path = [unb64(one, 32) for one in consistency["path"]]
    need(continues(first, second, path), f"{forked[:-1]}; or what was given to compare them was changed.")


def check_openings(document: Json, openings: Json) -> str:
    """What the opened commitments show of a line."""
    exactly(openings, "witness-vault/v1/commitment-openings")
    need(openings["statement"] == b64(digest(document)), "They are of another statement.")
    line = document["lines"][number(openings["line"])]
    need(line["leaves"] is not None, "That line says how few they are, and nothing stands behind it.")
    hashes = [leaf_hash(canonical(one)) for one in openings["leaves"]]
    for one, at, place in zip(openings["leaves"], hashes, openings["paths"], strict=True):
        exactly(one, "witness-vault/v1/commitment")
        unb64(one["salt"], 32)
        said = {name: line[name] for name in ("subject", "value", "column")}
        said.update(vault=document["vault"], incident=document["incident"])
        need(all(one[name] == value for name, value in said.items()), "One is of another claim.")
        need(climb(at, place, grown(4096)) == unb64(document["root"], 32), "One is not under the root.")
    count = line["number"]
    need(len(set(hashes)) == len(hashes), "The same one is shown twice.")
    need(
        len(hashes) == count if line["exactly"] else len(hashes) >= count,
        "They are not so many as the line says.",
    )
    listed = b64(hashlib.sha256(b"".join(sorted(hashes))).digest())
    need(listed == line["leaves"], "They are not those that the line was signed for.")
    return f"{len(hashes)} different accounts stand behind line {openings['line']}"


# --- all together --------------------------------------------------------------------------------------------------


class Given(NamedTuple):
    """Everything that a verification can be given, as bytes."""

    published: bytes
    openings: Sequence[bytes] = ()
    authorities: Sequence[bytes] = ()
    checkpoint: bytes | None = None
    consistency: bytes | None = None
    vault: str | None = None


def verify(given: Given, report: Report) -> None:
    """Takes every step, and notes them in the report. Raises Failed, or Misused."""
    with report.step("form") as taken:
        published = parse(given.published)
        exactly(published, "witness-vault/v1/published")
        document, signatures = signed(published["statement"], "statement")
        check_statement(document)
        report.statement, least = b64(digest(document)), document["policy"]["ladder"][0]
        report.about = document["about"]
        report.lines = [in_words(line, least) for line in document["lines"]]
        report.lines += [QUOTED.format(**one) for one in document.get("quotes", ())]
        taken["says"] = "the file has the form that it must have"
    with report.step("rosters") as taken:
        rosters = check_rosters(published["rosters"])
        report.vault = b64(digest(rosters[0]))
        need(given.vault in (None, report.vault), "This is another vault than the one that you name.")
        taken["says"] = (
            f"{len(rosters)} lists of custodians and members follow from each other, signed by quorums"
        )
    with report.step("signatures") as taken:
        check_signatures(document, signatures, rosters)
        taken["says"] = f"signed by {', '.join(signatures)}"
    report.code = NOT_IN_LOG
    if published["proof"] is not None:
        _verify_proof(document, published["proof"], given, report)
    elif given.checkpoint is not None:
        raise Misused("There is no proof in this file whose checkpoint could be compared.")
    for one in given.openings:
        with report.step("openings") as taken:
            taken["says"] = check_openings(document, parse(one))
    report.verdict = VERDICTS[report.code]


def _verify_proof(document: Json, proof: Json, given: Given, report: Report) -> None:
    with report.step("edition") as taken:
        exactly(proof, "proof")
        check_edition(document, proof)
        taken["says"] = f"what was counted is in entry {number(proof['entry']['number'], 1)} of the log"
    with report.step("checkpoint") as taken:
        checkpoint = read_checkpoint(proof["checkpoint"], document["log"])
        taken["says"] = f"the key of the log signed its state with {checkpoint[0]} entries"
    with report.step("log") as taken:
        check_log(checkpoint, proof)
        report.day, report.code = proof["entry"]["day"], DATE_ASSERTED
        taken["says"] = f"the entry, of {report.day} as the vault says, is in the log"
    with report.step("stamp") as taken:
        stamps = [_stamp(one) for one in proof["stamps"]]
        taken["says"] = (
            "no stamp was looked at: name the authority's certificate" if stamps else "there is none"
        )
        if stamps and given.authorities:
            text = signed_text(proof["checkpoint"])
            report.stamped = min(check_stamp(one, text, given.authorities) for one in stamps).isoformat()
            report.code, taken["says"] = PROVED, f"the state of the log was stamped at {report.stamped}"
    if given.checkpoint is not None:
        with report.step("fork") as taken:
            other = read_checkpoint(given.checkpoint.decode("utf-8"), document["log"])
            check_fork(checkpoint, other, given.consistency and parse(given.consistency))
            taken["says"] = "your checkpoint is of the same log"


def _stamp(one: Json) -> bytes:
    """An authority's answer. Its hash tells a change even where the authority's signature does not reach."""
    exactly(one, "stamp")
    answer = unb64(one["answer"])
    need(hashlib.sha256(answer).digest() == unb64(one["hash"]), "A stamp was changed.")
    return answer


def in_words(line: Json, least: int) -> str:
    """What a line of a statement says; of numbers below `least` it says no more than that."""
    value, count = line["value"], line["number"]
    claim = f"{line['subject']} = {'{min} to {max}'.format(**value) if isinstance(value, dict) else value}"
    counted = str(count) if line["exactly"] else f"at least {count}" if count else f"fewer than {least}"
    among = "" if line["within"] is None else f", among those of line {line['within']}"
    return f"{claim}, {line['column']}: {counted}{among}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: prints every step, or one JSON object; returns the exit code."""
    parser = argparse.ArgumentParser(description="Verify a published statement of a Witness Vault, offline.")
    parser.add_argument("published")
    parser.add_argument("openings", nargs="*", help="the commitments behind a line, opened for a court")
    parser.add_argument(
        "--authority",
        action="append",
        default=[],
        help="the PEM certificates of a time-stamp authority that you trust, its root last",
    )
    parser.add_argument("--checkpoint", help="another checkpoint of the log, to compare")
    parser.add_argument("--consistency", help="the vault's proof that the one grew into the other")
    parser.add_argument("--vault", help="the digest of the vault's founding roster, as its people told you")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)

    def read() -> Given:
        opened, trusted = ([_file(path) for path in paths] for paths in (asked.openings, asked.authority))
        other, grew = (path and _file(path) for path in (asked.checkpoint, asked.consistency))
        return Given(_file(asked.published), opened, trusted, other, grew, asked.vault)

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack the letters of a language
    report = conclude(read)
    show(report, asked.json)
    return report.code


def _file(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def conclude(read: Callable[[], Given]) -> Report:
    """The report on what is read, whatever becomes of it."""
    report = Report()
    try:
        verify(read(), report)
    except Failed as error:
        report.code, report.failed = FAILED, error.step
        report.verdict = f"Failed at {error.step}: {error.reason}"
    except (Misused, OSError) as error:
        report.code, report.verdict = MISUSED, str(error)
    return report


def show(report: Report, as_json: bool) -> None:
    """Prints the report."""
    if as_json:
        facts = {**vars(report), "proves": PROVES, "does_not_prove": DOES_NOT_PROVE}
        print(json.dumps(facts, ensure_ascii=False, indent=1))
        return
    for at, step in enumerate(report.steps, 1):
        print(f"{at}. {step['step']}: {step['says']}")
    for language, text in report.about.items() if report.code in VERDICTS else ():
        print(f"About ({language}): {text}")
    for at, line in enumerate(report.lines if report.code in VERDICTS else ()):
        print(f"Line {at}: {line}")
    print(report.verdict)
    if report.code in VERDICTS:
        print(f"Vault (digest of its founding roster): {report.vault}\nStatement: {report.statement}")
        for title, claims in (("A verification proves", PROVES), ("It does not prove", DOES_NOT_PROVE)):
            print(f"{title}:", *(f"- {claim}" for claim in claims), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
