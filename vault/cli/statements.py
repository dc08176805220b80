"""Statements on a custodian's own device: read here, from sealed packets, signed here; published ones pulled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from config.settings import label_texts, vocabulary_texts, wording_texts
from vault.cli import parts
from vault.cli.common import Custodian, confirm, today, with_custodian, yes_option
from vault.cli.screen import say
from vault.client import Client
from vault.errors import Expired, NotFound, VaultError
from vault.rules.descriptors import called
from vault.rules.labels import Labels
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording, sentences
from vault.sealing import preparations
from vault.sealing.digests import Document, unb64
from vault.sealing.preparations import Approved
from vault.sealing.rosters import Roster
from vault.sealing.signatures import signature
from vault.sealing.statements import Statement, signatories

LASTS = timedelta(days=14)  # an approval: what witnesses allow may have changed since


@parts.command()
@with_custodian
def statements(holder: Custodian) -> None:
    """List the statements that wait for your signature, and those that are published, in full."""
    with holder.signed_in() as (client, roster):
        shown = client.call("GET", "/api/statements")
    for one in shown["waiting"]:
        try:
            found = _opened(holder, roster, one)
        except VaultError as error:
            say(f"{one['statement']}  Do not sign: {error}")
            continue
        say(f"{one['statement']}  waits for your signature")
        for line in _in_words(found):
            say(f"    {line}")
    for statement, one in _published(holder, shown["published"]):
        pulled = f"; pulled by {one['pulled_by']}" if one["pulled_by"] else ""
        say(f"{statement.digest}  published{pulled}")
        for line in _said(statement.document):
            say(f"    {line}")
    if not shown["waiting"]:
        say("No statement waits for your signature.", err=True)


@parts.command()
@click.argument("name", metavar="STATEMENT")
@with_custodian
@yes_option
def sign_statement(holder: Custodian, name: str, yes: bool) -> None:
    """Sign a statement, after reading it here. With your signature it is published."""
    with holder.signed_in() as (client, roster):
        waiting = {one["statement"]: one for one in client.call("GET", "/api/statements")["waiting"]}
        if name not in waiting:
            raise NotFound(
                "No such statement waits: `witness-vault custodian statements` lists those that do."
            )
        found = _opened(holder, roster, waiting[name])
        for line in _in_words(found):
            say(line, err=True)
        confirm("Publish this, in exactly these words? What was read cannot be unread.", yes)
        entry = signature(found.prepared.statement.document, holder.code, holder.signing)
        answer = client.call("POST", f"/api/statements/{name}/publication", {"signed": found.signed(entry)})
    say(f"Published: {answer['statement']}")


@parts.command()
@click.argument("digest", metavar="STATEMENT")
@with_custodian
@yes_option
def pull_statement(holder: Custodian, digest: str, yes: bool) -> None:
    """Pull a published statement at once. Its page then says only that it is withdrawn for review."""
    with holder.signed_in() as (client, roster):
        known = dict(_by_digest(holder, client))
        if digest not in known:
            raise NotFound("No such statement is published: `witness-vault custodian statements` lists them.")
        statement, case = known[digest]
        for line in _said(statement.document):
            say(line, err=True)
        confirm("Pull it? It does not come back.", yes)
        about = {"vault": roster.vault, "case": case, "statement": digest, "roster": roster.version}
        signed = preparations.pull(about, holder.code, today(), holder.signing)
        client.call("POST", "/api/statements/pulls", {"signed": signed})
    say("It is pulled.")


COMMANDS = (statements, sign_statement, pull_statement)


def _opened(holder: Custodian, roster: Roster, one: dict[str, Any]) -> Approved:
    """A statement that waits, once every signature under it holds. Raises Tampered, Expired."""
    key = holder.holder(roster).secret.sealing
    about = one["statement"], holder.code
    found = preparations.open_packet(key, holder.profile.rosters(), about, unb64(one["packet"]))
    if not found.looked_at <= today() <= found.looked_at + LASTS:
        raise Expired(f"It was approved more than {LASTS.days} days ago: a reviewer has to approve it again.")
    return found


def _in_words(found: Approved) -> Iterator[str]:
    statement, policy = found.prepared.statement, found.prepared.statement.policy
    for language, text in sorted(statement.document["about"].items()):
        yield f"About ({language}): {text}"
    yield from _said(statement.document)
    signed = ", ".join(one.by for one in found.approvals)
    small = "; a small vault: one other reviewer is enough" if policy["reviewers"] == 1 else ""
    yield f"Figures of {statement.document['month']}. Prepared by {statement.preparer}, approved by {signed}{small}."
    yield f"The gates were last tried on {found.looked_at.isoformat()}."
    if statement.previous is not None:
        yield f"It revises {statement.previous}."


def _said(document: Document) -> Iterator[str]:
    """The sentences, in every language that it says what it is about in: written here, from the numbers."""
    texts, labels, wordings = vocabulary_texts(), label_texts(), wording_texts()
    if document["vocabulary"] not in texts:
        raise NotFound("This program does not know the words of this statement: bring it up to date.")
    vocabulary = Vocabulary.parse(texts[document["vocabulary"]])
    for language in sorted(document["about"].keys() & wordings.keys()):
        known = Labels.parse(labels[language]).of(vocabulary) if language in labels else vocabulary
        yield from sentences(document, known, Wording.parse(wordings[language]))
        for one in document.get("quotes", ()):
            yield f"\u201c{one['words']}\u201d \u2014 {called(known.descriptors, one['descriptor'])}"


def _published(holder: Custodian, shown: list[dict[str, Any]]) -> Iterator[tuple[Statement, dict[str, Any]]]:
    """What the server shows as published, and is."""
    for one in shown:
        statement, signers = signatories(one["signed"], holder.profile.rosters())
        if signers.complete:
            yield statement, one


def _by_digest(holder: Custodian, client: Client) -> Iterator[tuple[str, tuple[Statement, str]]]:
    for statement, one in _published(holder, client.call("GET", "/api/statements")["published"]):
        yield statement.digest, (statement, str(one["case"]))
