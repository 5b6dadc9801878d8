"""The rules of the house that a machine can keep: floors, start-up, and what a command offers."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kztimeline import cli
from tests.conftest import CHECKOUT, SMALL, Run, environment

PACKAGE = CHECKOUT / "kztimeline"

# Imports point downward only: a module may import from its own floor or one below it.
FLOORS = {
    "errors": 0,
    "text": 0,
    "datewords": 0,
    "datemistakes": 0,
    "dates": 0,
    "blocks": 0,
    "patch": 0,
    "statements": 0,
    "toml": 0,
    "git": 0,
    "files": 0,
    "model": 1,
    "fields": 1,
    "tables": 1,
    "save": 1,
    "syntax": 2,
    "read": 2,
    "query": 2,
    "lanes": 2,
    "spells": 2,
    "diff": 2,
    "origin": 3,
    "filters": 3,
    "sides": 3,
    "canonical": 3,
    "edit": 3,
    "compose": 3,
    "rules": 3,
    "review": 3,
    "check": 3,
    "schema": 3,
    "render": 3,
    "__init__": 4,
    "output": 4,
    "terminal": 4,
    "complete": 4,
    "ask": 4,
    "adding": 4,
    "formatting": 4,
    "options": 4,
    "cli": 5,
    "__main__": 6,
}


MODULES = sorted(PACKAGE.rglob("*.py"))


def floor(path: Path) -> int:
    return FLOORS[path.relative_to(PACKAGE).parts[0].removesuffix(".py")]


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports anywhere, those of the project by their full name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module in ("kztimeline", "kztimeline.render"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downward(path: Path) -> None:
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "kztimeline" and len(parts) > 1 and parts[1] in FLOORS:
            assert FLOORS[parts[1]] <= floor(path), f"{path.name} imports {name}"


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("typer", {"cli.py"}),
        ("rich", {"terminal.py"}),
        ("rtoml", {"read.py"}),
        ("jinja2", {"html.py"}),
    ],
)
def test_each_library_has_one_home(library: str, home: set[str]) -> None:
    users = {
        path.name for path in MODULES if any(n.split(".")[0] == library for n in imports(path))
    }
    assert users == home


def imported(*args: str) -> set[str]:
    """The modules that a `kzt` process has imported when it ends."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\n"
        "from kztimeline.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *args],
        env=environment({"KZT_FILE": str(SMALL)}),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


HEAVY = {"rich", "dateutil", "tomli_w", "jinja2", "pydantic", "markdown_it", "pygments"}


@pytest.mark.parametrize(
    "args",
    [
        ["list"],
        ["list", "--topic", "assembly", "--since", "2019"],
        ["list", "--format", "ids"],
        ["list", "--help"],
        ["state", "2015"],
        ["check"],
        ["--version"],
        ["--help"],
    ],
    ids=" ".join,
)
def test_start_imports_no_heavy_module(args: list[str]) -> None:
    assert imported(*args) & HEAVY == set()


LIST_NEEDS = {
    "cli", "datemistakes", "dates", "datewords", "errors", "fields", "files", "filters",
    "model", "options", "origin", "output", "query", "read", "render", "render.layout",
    "render.plain", "tables", "text",
}  # fmt: skip


def test_list_to_a_pipe_imports_only_this_of_the_project() -> None:
    own = {name for name in imported("list") if name.startswith("kztimeline.")}
    assert own == {f"kztimeline.{name}" for name in LIST_NEEDS}


COMMANDS = [command.name or command.callback.__name__ for command in cli.app.registered_commands]  # type: ignore[union-attr]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_examples(command: str, kzt: Run) -> None:
    shown = kzt(command, "--help")
    assert shown.code == 0
    assert shown.err == ""
    assert shown.out.count(f"    kzt {command}") >= 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert f"kzt {command}" in (CHECKOUT / "README.md").read_text("utf-8")
