"""The rules of the house that a machine can keep: floors, start-up, and what a command offers."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kztimeline import cli
from tests.bench.records import toml
from tests.conftest import CHECKOUT, SMALL, Repository, Run, environment

PACKAGE = CHECKOUT / "kztimeline"

# Imports point downward only: a module may import from its own floor or one below it.
FLOORS = {
    "errors": 0,
    "vocabulary": 0,
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
    "progress": 0,
    "model": 1,
    "fields": 1,
    "digest": 1,
    "parse": 1,
    "tables": 1,
    "save": 1,
    "syntax": 2,
    "salvage": 2,
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
        ("rtoml", {"parse.py"}),
        ("jinja2", {"html.py"}),
    ],
)
def test_each_library_has_one_home(library: str, home: set[str]) -> None:
    users = {
        path.name for path in MODULES if any(n.split(".")[0] == library for n in imports(path))
    }
    assert users == home


def imported(*args: str, env: Mapping[str, str] | None = None) -> set[str]:
    """The modules that a `kzt` process has imported when it ends."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\n"
        "from kztimeline.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *args],
        env=environment({"KZT_FILE": str(SMALL), **(env or {})}),
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
    "cli", "datemistakes", "dates", "datewords", "digest", "errors", "fields", "files", "filters",
    "model", "options", "origin", "output", "parse", "progress", "query", "read", "render",
    "render.layout", "render.plain", "tables", "text", "vocabulary",
}  # fmt: skip


# Help, usage errors and completions of fixed values need no record.
START_NEEDS = {
    "cli", "errors", "files", "options", "output", "progress", "render", "text", "vocabulary",
}  # fmt: skip


def own(modules: set[str]) -> set[str]:
    return {name.partition(".")[2] for name in modules if name.startswith("kztimeline.")}


@pytest.mark.parametrize(
    ("args", "needs"),
    [
        (["list"], LIST_NEEDS),
        (["--version"], START_NEEDS),
        (["--help"], START_NEEDS),
        (["diff", "--help"], START_NEEDS),
    ],
    ids=str,
)
def test_a_command_imports_only_this_of_the_project(args: list[str], needs: set[str]) -> None:
    assert own(imported(*args)) == needs


def test_completion_of_fixed_values_imports_only_this_of_the_project() -> None:
    words = {"COMP_WORDS": "kzt list --kind l", "COMP_CWORD": "3"}
    modules = imported(env={"_KZT_COMPLETE": "complete_bash", **words})
    assert own(modules) == START_NEEDS
    assert modules & HEAVY == set()


# What a command does, counted: runs of git, openings of events files, the characters of them that
# are parsed, and writes to standard output, which is a pipe.
COUNT = """
import collections, io, json, os, sys
done = collections.Counter()
def hook(event, args):
    if event == "subprocess.Popen":
        done["git"] += 1
    elif event == "open" and args[1] is None and str(args[0]).endswith(".toml"):
        done["open"] += 1
sys.addaudithook(hook)
class Pipe(io.FileIO):
    def write(self, data):
        done["write"] += 1
        return super().write(data)
sys.stdout = io.TextIOWrapper(io.BufferedWriter(Pipe(1, "w")), encoding="utf-8")
import rtoml
loads = rtoml.loads
def counted(text):
    done["parsed"] += len(text)
    return loads(text)
rtoml.loads = counted
from kztimeline.cli import main
try:
    main()
finally:
    print(json.dumps(done), file=sys.stderr)
"""


def counted(*args: str, cwd: Path, env: Mapping[str, str] | None = None) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-c", COUNT, *args],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        text=True,
        check=True,
    )
    counts: dict[str, int] = json.loads(done.stderr)
    return counts


@pytest.mark.parametrize("events", [10, 2_000])
@pytest.mark.parametrize(
    "command",
    [
        "list",
        "list --topic topic-07 --since 1995",
        "list --format json",
        "show 1991-event-0",
        "stats",
        "state 2000",
        "gaps",
        "diff 2000 2010",
        "export md",
        "export json",
    ],
)
def test_a_command_reads_parses_and_writes_once(command: str, events: int, tmp_path: Path) -> None:
    text = toml(events)
    (tmp_path / "events.toml").write_text(text, "utf-8")
    done = {"open": 1, "parsed": len(text), "write": 1}
    assert counted(*command.split(), cwd=tmp_path) == done


def test_check_of_a_clean_file_reads_and_parses_once(tmp_path: Path) -> None:
    text = toml(2_000)
    (tmp_path / "events.toml").write_text(text, "utf-8")
    assert counted("check", cwd=tmp_path) == {"open": 1, "parsed": len(text)}


def test_a_diff_reads_each_side_once_and_starts_git_eight_times(repository: Repository) -> None:
    """Four times a side, whatever the file's size."""
    old, new = toml(200), toml(200, edit=True)
    repository.commit(old)
    repository.commit(new)
    done = counted("diff", "HEAD~1", "HEAD", cwd=repository.folder)
    assert done == {"git": 8, "parsed": len(old) + len(new), "write": 1}


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
