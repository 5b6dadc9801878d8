"""What the tests share: the real `kzt` process, a small record, and git histories."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from kztimeline import Timeline, loads
from kztimeline.files import place

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.pages import Saved

CHECKOUT = Path(__file__).parent.parent
SMALL = Path(__file__).parent / "small.toml"
NEW_LAW = """
[[event]]
id = "2023-new-law"
date = "2023-04"
title = "Assemblies need no notification"
kind = "law"
topics = ["assembly"]
summary = "Notification is abolished."
state = { assembly-procedure = "Free" }
sources = [{ source = "ministry-2021", at = "annex" }]
"""
"""An event that `SMALL` may gain."""
BENCH = Path(__file__).parent / "bench" / "events.toml"
"""A record of 162 events that stays as it is, whatever becomes of the one that is shipped."""


def current(text: str) -> str:
    """The small record, which is one of before there were findings, as one of today."""
    text = text.replace('kind = "alternative-report"', 'kind = "resolution"')
    return text.replace('kind = "treaty-body-review"', 'kind = "treaty-action"')


def occurred(text: str) -> str:
    """A record in which nothing is scheduled, so that nothing is overdue."""
    text = text.replace('status = "scheduled"\n', "")
    return text.replace("[2022-07..2022-10]", "[2021-07..2021-10]")


settings.register_profile("kzt", deadline=None, print_blob=True)
settings.load_profile("kzt")


class Result:
    """What a process did: its exit code, what it wrote and, where measured, what it took."""

    def __init__(
        self,
        done: "subprocess.CompletedProcess[bytes]",
        seconds: float = 0,
        megabytes: int = 0,
    ) -> None:
        self.code = done.returncode
        self.seconds = seconds
        self.megabytes = megabytes
        self.out = done.stdout.decode("utf-8")
        self.err = done.stderr.decode("utf-8")

    def __repr__(self) -> str:
        return f"<exit {self.code}\n{self.out}\n--- stderr\n{self.err}>"


Run = Callable[..., Result]


def pytest_make_parametrize_id(val: object) -> str | None:
    """Ids say the case, in every process the same: also of lists, sets, long texts."""
    if isinstance(val, str) and len(val) <= 60:
        return None
    return said(val)[:60] or "nothing" if isinstance(val, COLLECTIONS) else None


COLLECTIONS = (str, tuple, list, dict, set, frozenset)


def said(value: object) -> str:
    """A value in words, sets in the order of the alphabet."""
    if isinstance(value, dict):
        return " ".join(f"{said(key)}={said(inner)}" for key, inner in value.items())
    if isinstance(value, set | frozenset):
        return " ".join(sorted(map(said, value)))
    return " ".join(map(said, value)) if isinstance(value, tuple | list) else str(value)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which nothing of this machine's settings shows."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR")
    return {key: os.environ[key] for key in kept if key in os.environ} | {
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        # However long a busy machine takes, it isn't told.
        "CI": "true",
        # No test waits for somebody to leave a pager.
        "KZT_PAGER": "",
        "PYTHONPATH": str(CHECKOUT),
        **(extra or {}),
    }


def run_kzt(
    *args: str,
    cwd: Path,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> Result:
    """Run `kzt` as its own process, away from the checkout unless `cwd` says otherwise."""
    return Result(
        subprocess.run(
            [sys.executable, "-m", "kztimeline", *args],
            cwd=cwd,
            env=environment(env),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=120,
            check=False,
        )
    )


@pytest.fixture(autouse=True)
def nothing_was_read() -> None:
    """A file system gives the number of a file that is gone to another one."""
    place.files_read.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a browser is slow: it takes a second to open a page and look at it."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture
def kzt(tmp_path: Path) -> Run:
    """The `kzt` process in an empty folder."""

    def run(*args: str, cwd: Path = tmp_path, **options: object) -> Result:
        return run_kzt(*args, cwd=cwd, **options)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="session")
def small() -> Timeline:
    """The record of ``small.toml``: every feature of the format once or twice."""
    return loads(SMALL.read_text("utf-8"))


@pytest.fixture(scope="session")
def bench() -> Timeline:
    """The record of the bench, large enough for what nine events don't show."""
    return loads(BENCH.read_text("utf-8"))


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """A real browser, or a reason why there is none."""
    from tests.browser import chromium

    yield from chromium()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> "Saved":
    """Exported pages as files: of a record by its name, else of a text."""
    from tests.pages import saver

    return saver(tmp_path_factory.mktemp("pages"))


class Repository:
    """A git repository made for a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *args: str) -> str:
        """Run git and return what it printed."""
        names = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Test"), ("EMAIL", "test@example.org"))
        }
        when = {"GIT_AUTHOR_DATE": "2020-01-01T00:00Z", "GIT_COMMITTER_DATE": "2020-01-01T00:00Z"}
        done = subprocess.run(
            ["git", *args],
            cwd=self.folder,
            env=environment({**names, **when, "GIT_CONFIG_NOSYSTEM": "1"}),
            capture_output=True,
            check=True,
        )
        return done.stdout.decode("utf-8").strip()

    def write(self, text: str, name: str = "events.toml") -> Path:
        """Write a file of the working tree."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        return path

    def commit(self, text: str, name: str = "events.toml") -> str:
        """Write and commit a file, and return the commit's hash."""
        self.write(text, name)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "An edit")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty git repository in a folder of its own."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return Repository(folder)


def golden(name: str, actual: str) -> None:
    """Compare a whole output with its golden file; KZT_GOLDEN=write refreshes the file."""
    path = Path(__file__).parent / "golden" / name
    if os.environ.get("KZT_GOLDEN") == "write":
        path.write_text(actual, "utf-8")
    assert actual == path.read_text("utf-8"), f"differs from {path.name}"
