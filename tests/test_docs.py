"""The documents: links lead somewhere, commands are as they are written, formats have the names of the code."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.browser.pictures import GUIDES, SHOTS
from vault.cli.main import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "web/static/vendor/*.md") for path in ROOT.glob(pattern)
)
SPEAKING = sorted((ROOT / "vault").rglob("*.py"))  # their sentences name commands too
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(\.\./img/([^)]+)\.png\)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
SPOKEN = re.compile(r"`(witness-vault [^`]+)`")
READ_IN_A_MINUTE = 220  # words, of plain prose
MINUTES = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"]
FORMAT = re.compile(r"witness-vault/v1/([a-z][a-z-]*[a-z])")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def shown_commands(text: str) -> Iterator[list[str]]:
    """Every line of an example that calls `witness-vault`, as a shell would divide it."""
    for block in [*FENCED.findall(text), *re.findall(r"(?:^ {4}.+\n)+", text, re.MULTILINE)]:
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True) if "witness-vault " in line else []
            if words and Path(words[0]).name == "witness-vault":
                yield words[1:]


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the first words name, and the words that are left for it."""
    command: click.Command = cli
    while isinstance(command, click.Group):
        assert words, f"{command.name} needs a subcommand"
        assert words[0] in command.commands, f"there is no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


def parse(command: click.Command, words: list[str]) -> set[str]:
    """Which parameters the words give; files need not exist. Raises what click raises for an unknown option."""
    context = click.Context(command, info_name=command.name)
    values, rest, order = command.make_parser(context).parse_args(list(words))
    assert rest == [], f"{command.name} takes fewer arguments"
    return {parameter.name or "" for parameter in order if values.get(parameter.name or "") not in (None, ())}


def leaves(command: click.Command) -> set[click.Command]:
    """The commands under a group, and under its groups."""
    if isinstance(command, click.Group):
        return {leaf for part in command.commands.values() for leaf in leaves(part)}
    return {command}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_relative_link_resolves(path: Path) -> None:
    broken = []
    for target in LINK.findall(FENCED.sub("", path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name).resolve() if name else path
        if not found.exists() or (anchor and anchor not in anchors(found.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_command_shown_exists_with_its_options_and_all_that_it_needs(path: Path) -> None:
    for words in shown_commands(path.read_text("utf-8")):
        command, rest = resolve(words)
        given = parse(command, rest)
        missing = {parameter.name for parameter in command.params if parameter.required} - given
        assert not missing, f"witness-vault {' '.join(words)}"


@pytest.mark.parametrize("path", [*DOCUMENTS, *SPEAKING], ids=named)
def test_every_command_named_in_a_sentence_exists(path: Path) -> None:
    for spoken in SPOKEN.findall(FENCED.sub("", path.read_text("utf-8"))):
        command, rest = resolve(shlex.split(spoken)[1:])
        parse(command, [word for word in rest if word.startswith("--")])


def test_the_documents_show_every_command_in_use() -> None:
    shown = {resolve(words)[0] for path in DOCUMENTS for words in shown_commands(path.read_text("utf-8"))}
    assert {leaf.name for leaf in leaves(cli) - shown} == {"demo"}  # shown as `make demo`


def test_a_command_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(AssertionError, match="no command"):
        resolve(["custodian", "forget"])
    with pytest.raises(click.NoSuchOption):
        parse(*resolve(["serve", "--public"]))


def test_formats_are_called_in_the_code_as_in_the_document() -> None:
    documented = set(FORMAT.findall((ROOT / "docs/FORMATS.md").read_text("utf-8")))
    sources = [
        *(ROOT / "vault").rglob("*.py"),
        *(ROOT / "web").rglob("*.py"),
        *(ROOT / "web/static").glob("*.js"),
    ]
    sources += (ROOT / "web/static/sealing").glob("*.js")
    used = {name for path in sources for name in FORMAT.findall(path.read_text("utf-8"))}
    assert documented == used


@pytest.mark.parametrize("path", sorted((ROOT / "docs/guides").glob("*.md")), ids=named)
def test_a_guide_is_read_in_ten_minutes_and_says_in_how_many(path: Path) -> None:
    text = path.read_text("utf-8")
    minutes = -(-len(text.split()) // READ_IN_A_MINUTE)
    assert minutes <= 10
    assert f"\n\n{MINUTES[minutes]} minutes. " in text


def test_the_guides_show_all_the_pictures_that_are_made_and_no_others() -> None:
    guides = [path.read_text("utf-8") for path in (ROOT / "docs/guides").glob("*.md")]
    shown = [picture for text in guides for picture in PICTURE.findall(text)]
    assert all(len(alt.split()) > 5 for alt, _name in shown)
    assert {name for _alt, name in shown} == {shot.name for shot in SHOTS}
    assert {path.stem for path in GUIDES.glob("*.png")} == {shot.name for shot in SHOTS}
    assert all(path.stat().st_size < 60_000 for path in GUIDES.glob("*.png"))
