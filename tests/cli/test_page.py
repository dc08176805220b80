"""`page` and `check-server`: what is compared is compared byte for byte, and a difference is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask, Response, request

from tests.cast import C1, C2, C3, CHAIN, ROSTER, following, signed_by
from tests.cli.line import served as at_an_address
from tests.stage import Scene
from vault import shipped
from vault.cli.main import cli
from vault.errors import Conflict, Invalid, Tampered, Unreachable
from vault.page import assemble, fingerprint
from vault.profile import ROSTERS, Profile
from vault.sealing.digests import b64
from vault.served import PAGES, POLICY
from vault.shipped import release
from web import headers

PAGE = assemble()


def run(*words: str) -> str:
    """A command's output. Raises what it ended in."""
    done = CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    run("page", "--out", str(path))
    return path


def profile_that_names(page: bytes | None, folder: Path) -> str:
    """A profile whose newest roster names this page."""
    named = None if page is None else b64(page)
    newest = signed_by(following(ROSTER, page=named), (C1, C2, C3))
    Profile(folder).write(ROSTERS, {"rosters": [*CHAIN, newest]})
    return str(folder)


def test_the_page_is_written_once_and_its_hash_is_printed(file: Path) -> None:
    assert file.read_bytes() == PAGE
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict):
        run("page", "--out", str(file))
    assert run("page", "--check", str(file)).splitlines()[0] == fingerprint(PAGE).hex()


def test_a_page_with_one_other_byte_is_told(file: Path) -> None:
    file.write_bytes(PAGE.replace(b"talk to nobody", b"talk to noboby", 1))
    with pytest.raises(Tampered, match="not the page of this release"):
        run("page", "--check", str(file))


@pytest.mark.parametrize("words", [(), ("--out", "a.html", "--check", __file__)])
def test_the_page_is_either_written_or_checked(words: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        run("page", *words)


def test_the_roster_says_whether_it_is_the_page(file: Path, tmp_path: Path) -> None:
    checked = ("page", "--check", str(file), "--profile")
    assert "the one that the roster names" in run(
        *checked, profile_that_names(fingerprint(PAGE), tmp_path / "a")
    )
    assert "names no page yet" in run(*checked, profile_that_names(None, tmp_path / "b"))
    with pytest.raises(Tampered, match="the roster names another"):
        run(*checked, profile_that_names(bytes(32), tmp_path / "c"))


# --- what a server serves ----------------------------------------------------------------------------------------


@pytest.fixture
def app(scene: Scene) -> Flask:
    return scene.app()


def lying(app: Flask, path: str, how: Callable[[Response], None]) -> Flask:
    """The application, which answers otherwise at this path."""

    def answer(response: Response) -> Response:
        if request.path == path:
            response.direct_passthrough = False
            how(response)
        return response

    def uncompressed() -> None:
        request.environ.pop("HTTP_ACCEPT_ENCODING", None)

    app.before_request_funcs.setdefault(None, []).append(uncompressed)
    app.after_request_funcs.setdefault(None, []).insert(0, answer)  # the last word
    return app


def test_the_policy_that_is_looked_for_is_the_one_that_the_pages_carry() -> None:
    assert POLICY == headers.POLICY


def test_a_server_of_this_release_differs_in_nothing(app: Flask) -> None:
    with at_an_address(app) as address:
        said = CliRunner().invoke(cli, ["check-server", address]).stdout
    assert said == f"{len(release())} files are as this release has them.\n"
    assert {"vault.css", "interview.js", "sealing/boxes.js", "vendor/hpke.min.js"} <= release().keys()


def inserted(text: str) -> Callable[[Response], None]:
    def how(response: Response) -> None:
        response.set_data(response.get_data(as_text=True).replace("</head>", f"{text}</head>"))

    return how


def without_policy(response: Response) -> None:
    del response.headers["Content-Security-Policy"]


def with_a_weaker_policy(response: Response) -> None:
    response.headers["Content-Security-Policy"] = f"{POLICY}; script-src 'self'"


def missing(response: Response) -> None:
    response.status_code = 404


def longer(response: Response) -> None:
    response.set_data(response.get_data() + b"\n")


@pytest.mark.parametrize(
    ("path", "how"),
    [
        *((page, without_policy) for page in PAGES),
        *((page, missing) for page in PAGES),
        ("/about", with_a_weaker_policy),
        ("/about", inserted("<script>steal()</script>")),
        ("/about", inserted('<script src="https://example.org/x.js"></script>')),
        ("/sign-in", inserted('<script type="module" src="/static/other.js"></script>')),
        ("/sign-in", inserted('<link rel="stylesheet" href="/other.css">')),
        ("/sign-in", inserted("<style>p { color: red }</style>")),
        ("/sign-in", inserted('<base href="https://example.org/">')),
        ("/sign-in", inserted('<meta http-equiv="refresh" content="0;url=https://example.org/">')),
        ("/sign-in", inserted('<img src="/static/icon.svg" onerror="steal()">')),
        (f"{shipped.address()}/vault.css", longer),
        (f"{shipped.address()}/sealing/boxes.js", longer),
        (f"{shipped.address()}/vendor/hpke.min.js", missing),
    ],
)
def test_what_a_server_changed_is_named(app: Flask, path: str, how: Callable[[Response], None]) -> None:
    with at_an_address(lying(app, path, how)) as address:
        said = CliRunner().invoke(cli, ["check-server", address], standalone_mode=False)
    (found,) = said.stdout.splitlines()
    assert found.startswith(f"{path} ")
    assert isinstance(said.exception, Tampered)


@pytest.mark.parametrize("address", ["http://vault.example.org", "ftp://127.0.0.1", "vault"])
def test_nothing_is_asked_where_anybody_could_read_along(address: str) -> None:
    with pytest.raises(Invalid):
        run("check-server", address)


def test_a_server_that_does_not_answer_is_said_to(app: Flask) -> None:
    with at_an_address(app) as address:
        pass
    with pytest.raises(Unreachable):
        run("check-server", address)
