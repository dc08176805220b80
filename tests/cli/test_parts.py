"""A name that begins with a dash names a thing; an option that nobody knows is still refused."""

import click
import pytest
from click.testing import CliRunner

from vault.cli import parts
from vault.cli.main import PARTS


@parts.command()
@click.argument("case")
@click.argument("files", nargs=-1)
@click.option("--loud", is_flag=True)
def shout(case: str, files: tuple[str, ...], loud: bool) -> None:
    """Say what was understood."""
    click.echo([case, *files, loud])


@pytest.mark.parametrize(
    "name", ["-8qJBgX8uRNxMf2QwADLDQ", "-hloud_h-hhhhhhhhhhhh-", "-" * 22, "-" + "h" * 42]
)
def test_a_name_may_begin_with_a_dash(name: str) -> None:
    done = CliRunner().invoke(shout, [name, "--loud", "a.csv"])
    assert (done.exit_code, done.output) == (0, f"{[name, 'a.csv', True]}\n")


@pytest.mark.parametrize("option", ["--lout", "-h", "-8"])
def test_an_unknown_option_is_refused_beside_other_names(option: str) -> None:
    done = CliRunner().invoke(shout, ["case", option])
    assert done.exit_code == 2
    assert "No such option" in done.output


def test_every_command_is_declared_so() -> None:
    waiting = [*PARTS]
    while waiting:
        one = waiting.pop()
        assert isinstance(one, parts.Part | parts.Parts)
        assert all(
            name.startswith("--") for option in one.params for name in option.opts if name.startswith("-")
        )
        waiting += one.commands.values() if isinstance(one, parts.Parts) else []
