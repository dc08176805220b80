"""How the command line's parts are declared: as click's, but what names a thing here may begin with a dash."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

_NAME = re.compile(
    r"-[A-Za-z0-9_-]{21}(?:[A-Za-z0-9_-]{21})?"
)  # base64url of 16 or 32 bytes: one in 64 begins so


class Part(click.Command):
    """A command that knows no option of one letter, so that none is found in a name that begins with a dash."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.context_settings = {"help_option_names": ["--help"], **self.context_settings}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.ignore_unknown_options = any(map(_NAME.fullmatch, args))
        return super().parse_args(ctx, args)


class Parts(click.Group):
    """A group of such commands."""

    command_class = Part
    group_class = type


def command(name: str | None = None) -> Callable[[Callable[..., Any]], Part]:
    """As `click.command`."""
    return click.command(name, cls=Part)


def group(name: str | None = None, **settings: Any) -> Callable[[Callable[..., Any]], Parts]:
    """As `click.group`."""
    return click.group(name, cls=Parts, **settings)
