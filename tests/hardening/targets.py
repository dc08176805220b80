"""Everything that reads what strangers, members or custodians hand in, each with what it takes.

Each `read` gets variations of what is valid. Nothing but `refuses` may come out of it, in words that repeat nothing of
what came in.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from config import settings
from tests import backing
from tests.cast import C1, C2, CHAIN, CUSTODIANS, ROSTER, TODAY, V1, V2, VAULT, Person, identifier, signed_by
from tests.hardening.mutating import CANARY, Pick, hostile, spliced
from tests.proofs import CHAINED, LOG, ORIGIN, PROVEN, QUOTED, SIGNERS
from tests.rebutting import PHOTOGRAPH, WHOLE
from tests.rules import test_findings, test_items, test_quotes, test_rebuttals, test_responses, test_skeletons
from tests.rules.cast import AIR_STRIKE, HOSPITAL, VOCABULARIES, coded, draft
from tests.rules.test_assessments import SAID as ASSESSED
from tests.rules.test_codings import SAW
from tests.rules.test_recuts import ASKED as RECUT
from tests.rules.test_retention import ASKED as RETENTION
from tests.rules.test_retention import ENDED as DESTRUCTION
from tests.sealing import (
    test_auditing,
    test_audits,
    test_deposits,
    test_drills,
    test_matches,
    test_notes,
    test_paperkeys,
    test_preparations,
    test_resharings,
    test_revocations,
    test_terms,
)
from tests.sealing.epochs import NEW, NEXT_CHAIN
from tests.sealing.test_casefiles import CASE, FILE, roster_at
from tests.sealing.test_escrows import ESCROW
from vault import escrow, journal, papers, receiving, releasing, shown, uploads, verifier
from vault.errors import VaultError
from vault.opening import Holder
from vault.rules import (
    answers,
    assessments,
    attendance,
    exports,
    findings,
    items,
    quotes,
    rebuttals,
    responses,
    skeletons,
)
from vault.rules.codings import SecondCoding
from vault.rules.consent import Consent
from vault.rules.drafts import InterviewDraft
from vault.rules.evidence import Arrival, Draft
from vault.rules.exports import Terms
from vault.rules.items import Act
from vault.rules.labels import Labels
from vault.rules.matching import MatchRecord
from vault.rules.recuts import Recut
from vault.rules.register import Wanted
from vault.rules.retention import Destruction, Retention
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording
from vault.sealing import (
    archives,
    auditing,
    audits,
    backupkeys,
    boxes,
    casefiles,
    checkpoints,
    deposits,
    digests,
    drills,
    escrows,
    locks,
    matches,
    members,
    notes,
    paperkeys,
    preparations,
    resharings,
    revocations,
    rosters,
    signatures,
    statements,
    terms,
    words,
)
from vault.sealing.digests import Json, b64, canonical, unb64
from vault.sealing.rosters import at, verify_chain
from vault.stamping import stamped_at

Read = Callable[[Any], object]
_DAY = test_preparations.TODAY


@dataclass(frozen=True)
class Target:
    """A reader of JSON, text or bytes, and what it takes."""

    name: str
    read: Read
    valid: tuple[Any, ...]
    refuses: tuple[type[Exception], ...] = (VaultError,)
    repeats: bool = False  # whether a refusal may name what came in: to the operator who wrote it

    def attempt(self, pick: Pick) -> str | None:
        """Give it a variation of what is valid; what it says to that, None when it takes it."""
        one = self.valid[pick(len(self.valid))]
        if isinstance(one, str):
            return self.given(spliced(one, pick))
        return self.given(spliced(one, pick) if isinstance(one, bytes) else hostile(one, pick))

    def given(self, raw: Any) -> str | None:
        """Give it exactly this. Raises AssertionError where what came in is repeated, and whatever is no refusal."""
        try:
            self.read(raw)
        except self.refuses as refusal:
            said = f"{refusal} {getattr(refusal, 'about', '')}"
            assert self.repeats or CANARY not in said
            return said
        return None


def _signed(read: Read, *people: Person) -> Read:
    """Reads a document that these people have signed as it is: they are hostile themselves."""

    def attempt(document: Json) -> object:
        try:
            entries = [signatures.signature(document, one.code, one.secret.signing) for one in people]
        except VaultError:  # it has no spelling that could be signed
            entries = []
        return read({"document": document, "signatures": entries})

    return attempt


def _requested(document: Json) -> object:
    """Reads terms that V2's request key has signed."""
    try:
        entries = [signatures.signature(document, "V2", test_terms.key_of(V2))]
    except VaultError:
        entries = []
    return terms.check_terms({"document": document, "signatures": entries}, ROSTER, TODAY)


def _boxed(read: Callable[[bytes], object], about: tuple[str, Any]) -> Read:
    """Reads bytes that somebody sealed to C1: anybody can seal anything."""
    return lambda data: read(boxes.seal(C1.secret.sealing.public, about, data))


def _spelled(value: Json) -> bytes:
    """As the vault writes it; what it would never write, as others do."""
    try:
        return canonical(value)
    except VaultError:
        return _text(value).encode("utf-8", "surrogatepass")


def _text(value: Json) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "[" * 100_000


def _json(name: str, read: Read, *valid: Json) -> Target:
    return Target(name, read, valid)


def _released(request: Json) -> dict[str, Any]:
    """What C1 answers to a request for the shares of backup keys."""
    return releasing.release(releasing.read_request(request, verify_chain(CHAIN)), Holder("C1", C1.secret))


def _half(document: Json) -> object:
    body = test_deposits.body(20)
    opened = {"deposit": test_deposits.statement(body), "body": body, **document}
    return deposits.verify_half(opened, "testimony", {}, test_deposits.key_of)


def _entry(act: Act, raw: Json) -> Target:
    return _json(f"entry of an item: {act}", lambda one: items.from_json(act, one, AIR_STRIKE), raw)


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 5), "#824").save(out, kind)
    return out.getvalue()


_PSEUDONYM = "abacus-ladder-river-" + words._check_word("abacus-ladder-river")
_SHEET = {
    "format": "witness-vault/v1/published-rebuttal",
    "sheet": signed_by(WHOLE, (V1, V2)),
    "rosters": [*CHAIN],
}
_BACKUP_KEYS, _HELD = backing.cast_keys()
_BACKUP = backing.written([b"one", b"two" * 1000])
_HEADER, _BODY = _BACKUP[: _BACKUP.index(b"\n")], _BACKUP[_BACKUP.index(b"\n") :]
_HEADERS = {kind: archives.read_header(io.BytesIO(backing.written([], kind))) for kind in backupkeys.KINDS}
_RESTORING = releasing.ask(_HEADERS, C2.secret.sealing)
_ROSTERS = verify_chain(CHAIN)
_WITHDRAWN = ("withdrawn", {"keys": 1, "vault": VAULT})
_LINE = "0001 " + b64(boxes.seal(C1.secret.sealing.public, _WITHDRAWN, digests.pad(bytes(32), 64))) + "\n"
_CHAIN = test_auditing.links(None, test_auditing.decision(C2))
_EXPORT = test_auditing.export(
    _CHAIN,
    test_auditing.checkpoint(_CHAIN),
    decisions=test_auditing.about(2, test_auditing.decision(C2)),
)
_PREPARED = test_preparations.prepared_by()
_PULLED = test_preparations.pulled(V1)
_APPROVED = test_preparations.approval(V2)
_HALF = {"deposit": test_deposits.statement(test_deposits.body(20)), "body": test_deposits.body(20)}
# A stamp by tests.authority, with certificates that live long: to make keys and ask OpenSSL takes too long here.
_STAMP: dict[str, str] = json.loads(Path(__file__).with_name("stamp.json").read_text("ascii"))
_TRUSTED = _STAMP["certificates"].encode()
_SETTINGS: dict[str, Any] = {
    "databases": {name: f"sqlite:///{name}.db" for name in settings.DATABASES},
    "hosts": ["127.0.0.1"],
    "cut_every_days": 30,
    "timestamp_authorities": [{"certificates": "a.pem", "url": "https://tsa.example"}],
    "mail": {"host": "127.0.0.1", "port": 25, "from": "v@example.org", "custodians": {"C1": "c@example.org"}},
}

_DOCUMENTS = (
    _json("card of a custodian", lambda one: members.read_card(one, "custodian-card"), C1.card),
    _json("card of a member", lambda one: members.read_card(one, "member-card"), V2.card),
    _json(
        "card, signed", _signed(lambda one: members.read_card(one, "member-card"), V2), V2.card["document"]
    ),
    _json("key file", lambda one: members.open_key_file(one, C1.passphrase), C1.key_file),
    _json(
        "wrapped keys", lambda one: members.unwrap_member(one, "V1", V1.passphrase, V1.device_key), V1.wrapped
    ),
    _json("rosters", rosters.verify_chain, [*CHAIN]),
    _json("roster, signed", _signed(rosters.found, *CUSTODIANS), CHAIN[0]["document"]),
    _json(
        "next roster, signed",
        _signed(lambda one: rosters.follow(rosters.found(CHAIN[0]), one), *CUSTODIANS[:3]),
        CHAIN[1]["document"],
    ),
    _json("case", casefiles.parse, CASE),
    _json("case, signed", _signed(lambda one: casefiles.verify(one, roster_at), *CUSTODIANS[:3]), CASE),
    _json("escrow record", escrows.check_form, ESCROW),
    _json("new escrow record", lambda one: escrows.check(one, "identity", ESCROW["record"], ROSTER), ESCROW),
    _json(
        "share of an escrow record",
        lambda one: escrows.open_share(one, C1.secret.sealing),
        escrows.for_custodian(ESCROW, "C1"),
    ),
    _json("terms, signed", _requested, test_terms.TERMS),
    _json("audit entry", audits.from_json, audits.to_json(test_audits.entries(1)[0])),
    _json("export of the audit", lambda one: auditing.verify_export(auditing.from_file(one)), _EXPORT),
    _json(
        "audit checkpoint, signed",
        _signed(lambda one: checkpoints.read_checkpoint(one, [ROSTER]), C1),
        test_auditing.checkpoint(_CHAIN)["document"],
    ),
    _json(
        "match request, signed",
        lambda one: matches.read_request(one, ROSTER, test_matches.COUNTS),
        test_matches.asked_by_v2(),
    ),
    _json(
        "line of a re-sharing",
        lambda one: resharings.shared_anew(test_resharings.OLD, resharings.check_line(one), NEW),
        test_resharings.LINE,
    ),
    _json(
        "line of a re-sharing, of an audit entry",
        lambda one: resharings.boxed_anew(test_resharings.ENTRY.body, resharings.check_line(one), NEW),
        test_resharings.ENTRY_LINE,
    ),
    _json(
        "statement of a re-sharing, signed",
        _signed(lambda one: resharings.read_statement(one, NEXT_CHAIN), *CUSTODIANS[:3]),
        test_resharings.statement(),
    ),
    _json(
        "drill report, signed",
        _signed(lambda one: drills.read_report(one, "C1", ROSTER), C1),
        test_drills.REPORT["document"],
    ),
    _json(
        "revocation, signed",
        _signed(lambda one: revocations.read_revocation(one, roster_at, FILE), V1),
        test_revocations.signed(V1, FILE)["document"],
    ),
    _json("prepared statement", test_preparations.read, _PREPARED),
    _json("prepared statement, signed", _signed(test_preparations.read, V1), _PREPARED["document"]),
    _json(
        "approval of a statement, signed",
        _signed(
            lambda one: preparations.read_approval(
                one, test_preparations.read(_PREPARED), test_preparations.FILE, CHAINED
            ),
            V2,
        ),
        _APPROVED["document"],
    ),
    _json(
        "pull of a statement, signed",
        _signed(lambda one: preparations.read_pull(one, test_preparations.FILE, CHAINED), V1),
        _PULLED["document"],
    ),
    _json("statement", statements.parse, PROVEN.document, QUOTED.document),
    _json("half of a deposit", lambda one: _half(one if isinstance(one, dict) else {}), _HALF),
    _json(
        "backup keys, signed",
        _signed(lambda one: backupkeys.read_signed(one, at(_ROSTERS)), *CUSTODIANS[:3]),
        _BACKUP_KEYS["document"],
    ),
    _json("backup keys", lambda one: backupkeys.check(one, _HELD, ROSTER), _BACKUP_KEYS["document"]),
    _json(
        "records of backup keys", lambda one: backupkeys.check(_BACKUP_KEYS["document"], one, ROSTER), _HELD
    ),
    _json("header of a backup", lambda one: backing.read(_spelled(one) + _BODY), json.loads(_HEADER)),
    _json("request for a restore", _released, _RESTORING),
    _json(
        "release for a restore, signed",
        _signed(lambda one: releasing._released(_RESTORING, _HEADERS, C2.secret.sealing, one), C1),
        _released(_RESTORING)["document"],
    ),
    _json("signed document", lambda one: signatures.read(one, "custodian-card"), C1.card),
    Target(
        "settings",
        lambda one: settings.parse(one if isinstance(one, dict) else {}),
        (_SETTINGS,),
        (settings.UnsafeSettings,),
        repeats=True,
    ),
)
_RULES = (
    _json(
        "draft of an interview",
        lambda one: InterviewDraft.parse(one, VOCABULARIES),
        draft(
            observations=[coded("heard"), coded("saw", subject="aircraft.number", value={"min": 1, "max": 2})]
        ),
    ),
    _json(
        "consent",
        Consent.parse,
        {"recording": True, "uses": ["corroboration"], "recipients": {"icc": "coded"}},
    ),
    _json(
        "second coding",
        lambda one: SecondCoding.parse(one, VOCABULARIES),
        {"codes": "d1", "incidents": [HOSPITAL], "observations": [SAW]},
    ),
    _json("evidence that is handed in", lambda one: Draft.parse(one, VOCABULARIES), test_items.RAW),
    _json("arrival", lambda one: Arrival.parse(one, VOCABULARIES), test_items.arrival().to_json()),
    _entry(Act.BEARING, {"bears": [test_items.BEARS]}),
    _entry(Act.EVENT, test_items.EVENT),
    _entry(Act.OPINION, test_items.OPINION.to_json()),
    _entry(Act.RELEASE, test_items.RELEASE.to_json()),
    _entry(Act.FILE, test_items.working().to_json()),
    _entry(Act.DECISION, {"motion": "e1", "upheld": False, "reason": "Too much"}),
    _entry(Act.RECALL, {"release": "e1", "reason": "It was wrong"}),
    _entry(Act.AUTHENTICITY, {"grade": "authentic", "checks": ["origin"], "reasons": "The sender is known."}),
    *(
        _json(f"assessment {place}", partial(assessments.from_json, act), raw)
        for place, (act, raw) in enumerate(assessments.to_json(one) for one in ASSESSED)
    ),
    _json("finding", lambda one: findings.from_json("finding", one, AIR_STRIKE), test_findings.SAID),
    _json("quote", lambda one: quotes.from_json("quote", one, AIR_STRIKE), test_quotes.QUOTE.to_json()),
    _json(
        "response",
        lambda one: responses.from_json("response", one, VOCABULARIES),
        test_responses.response(),
    ),
    _json(
        "approach", lambda one: responses.from_json("approach", one, VOCABULARIES), test_responses.APPROACH
    ),
    _json("return", lambda one: responses.from_json("return", one, VOCABULARIES), test_responses.RETURN),
    _json(
        "rebuttal",
        lambda one: rebuttals.from_json("rebuttal", one),
        rebuttals.to_json(test_rebuttals.PROPOSAL)[1],
    ),
    _json(
        "decision on a rebuttal",
        lambda one: rebuttals.from_json("decision", one),
        rebuttals.to_json(test_rebuttals.decided())[1],
    ),
    _json("choice of answers", rebuttals.Choice.from_json, test_rebuttals.CHOICE.to_json()),
    _json("rebuttal sheet", answers.check, WHOLE),
    _json(
        "export",
        exports.from_json,
        {"testimony": "t", "recipient": "icc", "use": "legal", "identity": "none"},
    ),
    _json("terms of an export", Terms.parse, {"recipient": "icc", "use": "legal", "identity": "none"}),
    _json("re-cut", Recut.parse, RECUT),
    _json("last day of a case", Retention.parse, RETENTION),
    _json("destruction of a case", Destruction.parse, DESTRUCTION),
    _json(
        "match record",
        MatchRecord.parse,
        {"name": "Yusuf", "birth_from": 1970, "birth_to": 1975, "place": "", "phone": ""},
    ),
    _json(
        "list of evidence", Wanted.parse, {"incident": HOSPITAL, "kind": "photo", "claim": "", "page": "2"}
    ),
    _json(
        "plan of a case",
        lambda one: skeletons.check_plan(one, test_skeletons.KNOWN),
        {"incidents": [test_skeletons.HOSPITAL, test_skeletons.MOSQUE]},
    ),
    _json(
        "file to be uploaded",
        uploads.Facts.parse,
        {"size": 9, "media": "video/mp4", "head": b64(bytes(32)), "sha256": None, "item": identifier("item")},
    ),
)
_TEXTS = (
    Target("JSON", digests.parse_object, (_text(C1.card), canonical(CASE))),
    Target(
        "request brought by hand", escrow.read_request, (_text({"format": "witness-vault/v1/request-file"}),)
    ),
    Target(
        "decision brought by hand",
        escrow.read_decision,
        (_text({"document": {"format": "witness-vault/v1/approval"}, "signatures": []}),),
    ),
    Target(
        "grant brought by hand",
        lambda one: papers.read(one, papers.GRANT),
        (_text({"format": "witness-vault/v1/grant-file"}),),
    ),
    Target("words of a paper key", paperkeys.from_words, ("\n".join(test_paperkeys.LINES),)),
    Target("paper key", lambda one: paperkeys.from_paper(one, C1.passphrase), (test_paperkeys.PAPER,)),
    Target("pseudonym", words.check_pseudonym, (_PSEUDONYM,)),
    Target("device key", words.read_device_key, (words.spell_device_key(V1.device_key),)),
    Target("code of an opening", words.opening_key, ("abandon able about",)),
    Target(
        "note",
        lambda one: notes.verify_note(one, test_notes.ORIGIN, test_notes.KEY.public),
        (test_notes.NOTE,),
    ),
    Target(
        "checkpoint of the log",
        lambda one: notes.read_checkpoint(one, ORIGIN, LOG.public),
        (PROVEN.published["proof"]["checkpoint"],),
    ),
    Target("published statement", statements.check_published, (PROVEN.data, QUOTED.data)),
    Target(
        "published statement, as a stranger reads it",
        lambda one: verifier.verify(verifier.Given(one), verifier.Report()),
        (PROVEN.data,),
        (verifier.Failed,),
    ),
    _json(
        "published statement, spelled as it must be",
        lambda one: statements.check_published(_spelled(one)),
        PROVEN.published,
    ),
    _json(
        "published statement, signed",
        _signed(
            lambda one: statements.check_published(_spelled({**PROVEN.published, "statement": one})), *SIGNERS
        ),
        PROVEN.document,
        QUOTED.document,
    ),
    _json("rebuttal sheet, spelled", lambda one: receiving.received(_spelled(one)), _SHEET),
    _json(
        "rebuttal sheet, signed",
        _signed(lambda one: receiving.received(_spelled({**_SHEET, "sheet": one})), V1, V2),
        WHOLE,
    ),
    Target(
        "consistency of the log, as a stranger reads it",
        lambda one: verifier.verify(
            verifier.Given(
                PROVEN.data, checkpoint=PROVEN.published["proof"]["checkpoint"].encode(), consistency=one
            ),
            verifier.Report(),
        ),
        (canonical({"format": "witness-vault/v1/consistency", "path": []}),),
        (verifier.Failed,),
    ),
    Target("rebuttal sheet as a stranger receives it", receiving.received, (_text(_SHEET).encode(),)),
    Target(
        "table of incidents",
        lambda one: skeletons.read(skeletons.decode(one), test_skeletons.KNOWN),
        (test_skeletons.TABLE.encode(),),
    ),
    *(
        Target(f"vocabulary {name}", Vocabulary.parse, (text,), repeats=True)
        for name, text in settings.vocabulary_texts().items()
    ),
    Target("labels", Labels.parse, tuple(settings.label_texts().values())),
    Target("wording", Wording.parse, tuple(settings.wording_texts().values())),
    Target("day of absence", lambda one: attendance.check_absence(one, _DAY), ("2026-12-01",)),
    Target("picture in a sheet", shown.Picture.of, (PHOTOGRAPH, _picture("PNG"))),
    Target("time stamp", lambda one: stamped_at(one, _STAMP["text"], [_TRUSTED]), (unb64(_STAMP["answer"]),)),
    Target(
        "certificates of a time-stamp authority",
        lambda one: stamped_at(unb64(_STAMP["answer"]), _STAMP["text"], [one]),
        (_TRUSTED,),
    ),
    Target("backup", backing.read, (_BACKUP,)),
    Target(
        "line of the journal of withdrawals",
        lambda one: list(journal.names_in(one, VAULT, C1.secret.sealing)),
        (_LINE,),
    ),
    Target(
        "box",
        lambda one: boxes.unseal(C1.secret.sealing, ("x", {}), one),
        (boxes.seal(C1.secret.sealing.public, ("x", {}), b"data"),),
    ),
    Target(
        "lock", lambda one: locks.unlock(bytes(32), ("x", {}), one), (locks.lock(bytes(32), ("x", {}), b"d"),)
    ),
    Target("padding", digests.unpad, (digests.pad(b"data", 64),)),
    Target(
        "packet of an opening, sealed",
        _boxed(
            lambda one: terms.open_packet(C1.secret.sealing, VAULT, "opening", "C1", one),
            terms._packet(VAULT, "opening", "C1"),
        ),
        (digests.pad(canonical({"terms": test_terms.SIGNED}), terms.PACKET_SIZE),),
    ),
    Target("match record, opened", matches.read_payload, (matches.payload({"name": "Yusuf"}),)),
)
TARGETS: Mapping[str, Target] = {one.name: one for one in (*_DOCUMENTS, *_RULES, *_TEXTS)}


def every() -> Iterable[Target]:
    """Each of them, in order."""
    return TARGETS.values()
