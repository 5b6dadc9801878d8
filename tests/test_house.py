"""The rules of the house that a machine can keep: floors, start-up, and what a command offers."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kztimeline.cli import app as cli
from tests.bench.records import toml
from tests.conftest import CHECKOUT, SMALL, Repository, Run, environment

PACKAGE = CHECKOUT / "kztimeline"

# The rooms by floors, the lowest first. Imports point to lower floors only, not between the rooms
# of one floor; inside a room they are free.
FLOORS = (
    ("text", "dates"),
    ("toml",),
    ("record",),
    ("query",),
    ("files", "checks"),
    ("edit", "renderers"),
    ("cli",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The room that a file is in; the face and the way in stand above all of them."""
    return path.relative_to(PACKAGE).parts[0]


def test_every_module_is_in_a_room() -> None:
    flat = {path.name for path in MODULES if path.parent == PACKAGE}
    assert flat == {"__init__.py", "__main__.py"}
    assert {room(path) for path in MODULES if path.parent != PACKAGE} == set(FLOOR_OF)


@pytest.mark.parametrize("name", FLOOR_OF)
def test_a_room_begins_with_one_sentence_and_nothing_else(name: str) -> None:
    tree = ast.parse((PACKAGE / name / "__init__.py").read_text("utf-8"))
    sentence = ast.get_docstring(tree) or ""
    assert len(tree.body) == 1
    assert sentence.endswith(".")
    assert "\n" not in sentence


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports anywhere, by their full name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def rooms_of(path: Path) -> Iterator[str]:
    """The rooms that a file imports from."""
    for name in imports(path):
        package, _, rest = name.partition(".")
        if package == "kztimeline" and rest:
            yield rest.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downward(path: Path) -> None:
    here = room(path)
    if here not in FLOOR_OF:
        return
    upward = {
        other for other in rooms_of(path) if other != here and FLOOR_OF[other] >= FLOOR_OF[here]
    }
    assert not upward, f"{path.name} imports upward or sideways: {upward}"


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("typer", "cli"),
        ("rich", "renderers/terminal.py"),
        ("rtoml", "toml/parse.py"),
        ("jinja2", "renderers/html.py"),
    ],
)
def test_each_library_has_one_home(library: str, home: str) -> None:
    users = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users
    assert all(user.startswith(home) for user in users)


TESTS = sorted(
    path for path in (CHECKOUT / "tests").rglob("*.py") if "node_modules" not in path.parts
)


def private_names(tree: ast.Module) -> Iterator[str]:
    """The private names of our modules that a test imports, looks up or replaces."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kztimeline"):
            names = [alias.name for alias in node.names]
            modules |= {alias.asname or alias.name for alias in node.names if alias.name.islower()}
            yield from (name for name in names if name.startswith("_"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in modules and node.attr[0] == "_" and node.attr[1] != "_":
                yield node.attr
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "setattr":
            yield from (
                str(argument.value)
                for argument in node.args
                if isinstance(argument, ast.Constant) and str(argument.value).startswith("_")
            )


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(CHECKOUT / "tests")))
def test_no_test_reaches_a_private_name(path: Path) -> None:
    assert [*private_names(ast.parse(path.read_text("utf-8")))] == []


def test_a_private_name_is_seen() -> None:
    text = 'from kztimeline.toml import parse\npatch.setattr(parse, "_A", parse._b)'
    assert [*private_names(ast.parse(text))] == ["_A", "_b"]


def imported(*args: str, env: Mapping[str, str] | None = None) -> set[str]:
    """The modules that a `kzt` process has imported when it ends."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\n"
        "from kztimeline.cli.app import main\n"
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


# The rooms' own sentences aside.
LIST_NEEDS = {
    "cli.app", "cli.options", "cli.output", "cli.read", "dates.edtf",
    "files.place", "query.filter", "record.keys", "record.model",
    "record.reading", "record.values", "renderers.plain", "renderers.views",
    "text.errors", "text.gate", "text.progress", "toml.parse",
}  # fmt: skip


# Help, usage errors and completions of fixed values need no record.
START_NEEDS = {
    "cli.app", "cli.options", "cli.output", "record.model",
    "renderers.views", "text.errors", "text.gate", "text.progress",
}  # fmt: skip
HELP_NEEDS = START_NEEDS | {
    "cli.compare", "cli.contribute", "cli.manual", "cli.publish", "cli.read", "text.colour",
}  # fmt: skip


def own(modules: set[str]) -> set[str]:
    """The project's modules among them, without the rooms' own sentences."""
    return {
        name.partition(".")[2]
        for name in modules
        if name.count(".") == 2 and name.startswith("kztimeline.")
    }


@pytest.mark.parametrize(
    ("args", "needs"),
    [
        (["list"], LIST_NEEDS),
        (["--version"], START_NEEDS),
        (["--help"], HELP_NEEDS),
        (["diff", "--help"], START_NEEDS | {"cli.compare", "cli.manual", "text.colour"}),
    ],
    ids=["list", "--version", "--help", "diff --help"],
)
def test_a_command_imports_only_this_of_the_project(args: list[str], needs: set[str]) -> None:
    assert own(imported(*args)) == needs


def test_completion_of_fixed_values_imports_only_this_of_the_project() -> None:
    words = {"COMP_WORDS": "kzt list --kind l", "COMP_CWORD": "3"}
    modules = imported(env={"_KZT_COMPLETE": "complete_bash", **words})
    assert own(modules) == START_NEEDS | {"cli.completion", "cli.read"}
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
from kztimeline.cli.app import main
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
    assert counted("check", cwd=tmp_path) == {"open": 1, "parsed": len(text), "git": 1}


def test_a_diff_reads_each_side_once_and_starts_git_eight_times(repository: Repository) -> None:
    """Four times a side, whatever the file's size."""
    old, new = toml(200), toml(200, edit=True)
    repository.commit(old)
    repository.commit(new)
    done = counted("diff", "HEAD~1", "HEAD", cwd=repository.folder)
    assert done == {"git": 8, "parsed": len(old) + len(new), "write": 1}


COMMANDS = list(cli.COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_examples(command: str, kzt: Run) -> None:
    shown = kzt(command, "--help")
    assert shown.code == 0
    assert shown.err == ""
    assert shown.out.count(f"    kzt {command}") >= (1 if command == "version" else 2)
