"""What one running vault consists of; made once by each entrance and handed to the use cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vault.rules.disclosure import Policy
from vault.rules.vocabulary import Vocabulary
from vault.sealing.keypairs import CostProfile
from vault.store.unit_of_work import Store


@dataclass(frozen=True)
class Installation:
    """The databases, the vocabularies by name, what a passphrase guess costs, and how often a case may be cut.

    In a small vault one other reviewer approves a statement, else two; `public`: statements have public pages;
    `log_key`: where the log's key lies; `files`: the sealed pieces of evidence; `journal`: that of withdrawals.
    """

    store: Store
    vocabularies: Mapping[str, Vocabulary]
    cost: CostProfile
    cut_every_days: int
    small_vault: bool = False
    public: bool = False
    log_key: Path = Path("log.key")
    files: Path = Path("files")
    journal: Path = Path("withdrawals.journal")

    @property
    def policy(self) -> Policy:
        """The disclosure policy, which each statement carries."""
        return Policy(reviewers=1) if self.small_vault else Policy()
