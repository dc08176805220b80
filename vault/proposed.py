"""What a proposal says, out of its row: it is named by its digest, so whoever edits it is found out."""

from __future__ import annotations

from vault.errors import Tampered
from vault.sealing.digests import Json, document_digest, stored
from vault.store.testimony import ProposalRow


def document(row: ProposalRow) -> dict[str, Json]:
    """The document that was put forward. Raises Tampered for any other."""
    found = stored(row.document)
    if document_digest(found) != row.digest:
        raise Tampered("This proposal is not the one that was put forward. Tell the other custodians.")
    return found
