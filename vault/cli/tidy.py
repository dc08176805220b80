"""The operator's command that takes away what rows and logs say of the order in which things came."""

from __future__ import annotations

from pathlib import Path

from config import settings
from vault.cli import parts
from vault.cli.operator import config_option, for_the_owner, opened
from vault.cli.screen import say
from vault.tidying import tidy as tidied


@parts.command()
@config_option
@for_the_owner
def tidy(config: Path | None) -> None:
    """Write everything deposited anew in one random order, and take away what was deleted; run it by a timer.

    The vault may be served meanwhile: who writes waits. Broken off, nothing is lost: give the command again."""
    with opened(settings.load(config)) as store:
        for line in tidied(store):
            say(line)
