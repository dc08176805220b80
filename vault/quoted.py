"""The ledger of a case's quotes: read as a whole, added to at its end (docs/FORMATS.md §8.6).

The words of a quote are locked under the key of the record that they come from: they die with it, and the chain stays
whole, since what is signed and hashed is what they were locked to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from vault import ledgers, shredding
from vault.errors import Invalid, NotFound, Tampered
from vault.keyrings import Actor
from vault.ledgers import Ledger
from vault.rules import assessments
from vault.rules import quotes as rule
from vault.rules.assessments import Decision
from vault.rules.quotes import Act, Entry, Proposed, Quote, Standing
from vault.rules.vocabulary import Vocabulary
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import ID_SIZE
from vault.sealing.digests import b64, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.locks import lock, unlock
from vault.shredding import Layer
from vault.store.testimony import QuoteRow
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Log:
    """A case's ledger of quotes, verified."""

    documents: tuple[dict[str, Any], ...]
    entries: tuple[Entry, ...]

    @cached_property
    def standing(self) -> Standing:
        """What of it stands. Raises Tampered for a ledger that no vault would have written."""
        try:
            return rule.standing(self.entries)
        except Invalid:
            raise Tampered("A quote of this case was decided on by whom it did not behove.") from None

    @property
    def there(self) -> tuple[Proposed, ...]:
        """The quotes whose words are there: of those that were withdrawn, nothing is shown."""
        return tuple(one for one in self.standing.proposed.values() if one.quote.words)


def read(uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey], known: Mapping[str, Vocabulary]) -> Log:
    """The quotes of a case. Raises Tampered."""
    documents = ledgers.read(uow, _ledger(file), keys)
    try:
        contents = [dict(document["content"]) for document in documents]
        records = [unb64(one["record"], ID_SIZE) for one in contents if "record" in one]
        under = shredding.layers(uow, records)
        whole = [_with_words(file, under, content) for content in contents]
        said = [
            rule.from_json(document["act"], content, known.get(content.get("incident", "")))
            for document, content in zip(documents, whole, strict=True)
        ]
    except (Invalid, KeyError, AttributeError, TypeError, ValueError):
        raise Tampered("A quote says nothing that this vault knows.") from None
    named = zip(documents, said, strict=True)
    return Log(documents, tuple(Entry(ledgers.name(one), one["author"], what) for one, what in named))


def _with_words(file: CaseFile, under: Mapping[bytes, Layer], content: dict[str, Any]) -> dict[str, Any]:
    """What an entry says; the words of a quote that was withdrawn are blank. Raises Tampered."""
    if "locked" not in content:
        return content
    locked, layer = unb64(content.pop("locked")), under.get(unb64(content["record"]))
    about = _words(file, content["record"])
    return {**content, "words": "" if layer is None else unlock(layer.key, about, locked).decode()}


def _words(file: CaseFile, record: str) -> tuple[str, dict[str, str]]:
    """The context under which the words of a quote are locked."""
    return "quote-words", {"vault": file.vault, "case": file.id, "record": record}


def append(
    uow: UnitOfWork, actor: Actor, ledger: tuple[CaseFile, Log], today: date, said: Quote | Decision
) -> None:
    """Add a quote, or the decision on one, behind the entries that were read. Raises NotFound for one withdrawn."""
    file, log = ledger
    if isinstance(said, Quote):
        act, content = Act.QUOTE, _without_words(uow, file, said)
    else:
        act, content = Act.DECISION, dict(assessments.to_json(said)[1])
    entry = {
        "format": "witness-vault/v1/quote",
        "day": today.isoformat(),
        "act": str(act),
        "content": content,
    }
    ledgers.append(uow, actor, _ledger(file), log.documents, entry)


def _without_words(uow: UnitOfWork, file: CaseFile, quote: Quote) -> dict[str, Any]:
    record = unb64(quote.record, ID_SIZE)
    found = shredding.layers(uow, [record])
    if record not in found:
        raise NotFound("This testimony is no longer here: it was withdrawn.")
    content = {name: value for name, value in quote.to_json().items() if name != "words"}
    locked = lock(found[record].key, _words(file, quote.record), quote.words.encode())
    return {**content, "locked": b64(locked)}


def _ledger(file: CaseFile) -> Ledger:
    return Ledger(file, "quote", "corroboration", QuoteRow)
