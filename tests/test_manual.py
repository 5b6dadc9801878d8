"""The manual: a page per command that begins as its help does, and examples that work."""

import inspect
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kztimeline.cli import app as cli
from kztimeline.cli.manual import FOLDER, topics
from kztimeline.dates.edtf import PartialDate
from kztimeline.query.filter import Criteria, choose
from kztimeline.record.keys import KEYS
from kztimeline.record.model import KINDS, PERSPECTIVES
from kztimeline.record.reading import read
from tests.conftest import CHECKOUT, Repository, Run, environment, run_kzt
from tests.examples import bin_with_kzt, blocks, shell

__all__ = ["bin_with_kzt"]

SUBJECTS = ["format", "dates", "contribute", "review", "publish", "python"]
COMING = {"names", "log", "init", "merge", "todo"} - set(cli.COMMANDS)
PAGES = sorted(FOLDER.glob("*.md"))


def test_every_command_and_subject_has_a_page() -> None:
    assert set(topics()) == {*cli.COMMANDS, *SUBJECTS, *COMING}


def test_the_first_page_leads_to_every_other() -> None:
    links = re.findall(r"\]\((\w+)\.md\)", (FOLDER / "kzt.md").read_text("utf-8"))
    assert set(topics()) <= set(links)


# --- one source with --help --------------------------------------------------------------------


def docstring(function: object) -> str:
    """A docstring as Markdown: its paragraphs in lines of 100, its examples in a fence."""
    parts = []
    for part in re.split(r"\n\n", inspect.getdoc(function) or ""):
        if part.startswith("\b\n"):
            head, *lines = part.removeprefix("\b\n").split("\n")
            # What stands behind an example is a comment.
            rows = re.sub(r"\n {4,}", " ", "\n".join(lines)).split("\n")
            rows = [re.sub(r"  +(?=\S+( \S+)*$)", lambda gap: f"{gap[0][:-2]}# ", row.strip()) for row in rows]  # fmt: skip
            parts += [head, "\n".join(["```sh", *rows, "```"])]
        else:
            parts.append("\n".join(textwrap.wrap(" ".join(part.split()), 100)))
    return "\n\n".join(parts)


def page_of(name: str, function: object, options: str) -> str:
    """A command's page as it should be: what is ours, with the parts that the program knows."""
    path = FOLDER / f"{name}.md"
    written = path.read_text("utf-8") if path.exists() else ""
    own = re.search(r"^## (?!Options).*?(?=^## Options|\Z)", written, re.MULTILINE | re.DOTALL)
    title = name if name == "kzt" else f"kzt {name}"
    parts = [f"# {title}", docstring(function), *([own[0].strip()] if own else [])]
    return "\n\n".join([*parts, f"## Options\n\n```text\n{options}\n```\n"])


@pytest.mark.parametrize("name", ["kzt", *cli.COMMANDS])
def test_a_page_says_what_help_says(name: str) -> None:
    args = [] if name == "kzt" else [name]
    shown = run_kzt(*args, "--help", cwd=CHECKOUT, env={"COLUMNS": "80"}).out
    (options,) = re.findall(
        r"^(?:Arguments|Options):\n.*?(?=\n\nCommands:|\n\Z)", shown, re.MULTILINE | re.DOTALL
    )
    expected = page_of(name, cli.kzt if name == "kzt" else cli.function_of(name), options)
    path = FOLDER / f"{name}.md"
    if os.environ.get("KZT_GOLDEN") == "write":
        path.write_text(expected, "utf-8")
    assert path.read_text("utf-8") == expected, "KZT_GOLDEN=write refreshes it"


# --- help and version --------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_help_shows_each_page_as_it_is_written(page: Path, kzt: Run) -> None:
    shown = kzt("help", *([] if page.stem == "kzt" else [page.stem]))
    assert (shown.code, shown.out, shown.err) == (0, page.read_text("utf-8"), "")


def test_help_on_what_there_is_not_suggests(kzt: Run) -> None:
    shown = kzt("help", "date")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith('unknown topic "date" (did you mean "dates"?); known: add, check, ')
    assert kzt("help", "../cli/app").code == 2


@pytest.mark.parametrize(
    "args", [["version"], ["--version"], ["-V"], ["--no-pager", "version"]], ids=" ".join
)
def test_version(args: list[str], kzt: Run) -> None:
    shown = kzt(*args)
    assert (shown.code, shown.out, shown.err) == (0, "kzt 0.1.0\n", "")


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]], ids=str)
def test_kzt_alone_begins_with_what_people_want(args: list[str], kzt: Run) -> None:
    shown = kzt(*args)
    assert (shown.code, shown.err) == (0, "")
    at = [shown.out.index(word) for word in ("Find out:", "Pass it on:", "Contribute:", "Options:")]
    assert at == sorted(at)


# --- what the pages say ------------------------------------------------------------------------


def test_the_format_names_every_key_kind_and_perspective() -> None:
    text = (FOLDER / "format.md").read_text("utf-8")
    keys = {key.name for rows in KEYS.values() for key in rows}
    missing = {
        word for word in keys | {*KINDS, *PERSPECTIVES} if not re.search(rf"`{word}\b", text)
    }
    assert missing == set()


def test_the_file_to_begin_with_has_no_problem(kzt: Run, tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_text(blocks(FOLDER / "format.md", "toml")[0], "utf-8")
    assert kzt("check").code == 0
    assert kzt("fmt", "--check").code == 0


def rows(page: str, width: int) -> list[list[str]]:
    text = (FOLDER / f"{page}.md").read_text("utf-8")
    cells = [row.strip("| ").split(" | ") for row in text.split("\n") if row.startswith("| `")]
    return [row for row in cells if len(row) == width]


def test_every_date_in_the_table_is_one() -> None:
    written = [date for row in rows("dates", 2) for date in re.findall(r"`([^`]+)`", row[0])]
    assert len(written) > 15
    for date in written:
        assert PartialDate.parse(date).text == date


EVENT = """
[[event]]
id = "x"
date = "{}"
title = "X"
kind = "law"
topics = []
summary = "X."
sources = []
"""


@pytest.mark.parametrize("row", rows("dates", 3), ids=" ".join)
def test_a_date_matches_as_the_table_says(row: list[str]) -> None:
    date, (how, when), match = row[0].strip("`"), row[1].strip("`").split(" `"), row[2]
    timeline = read(EVENT.format(date)).timeline
    assert timeline
    chosen = choose(timeline, Criteria(**{"within" if how == "in" else how: when}), PartialDate.parse("2021-01-01").earliest)  # type: ignore[arg-type]  # fmt: skip
    assert len(chosen.events) == 1
    assert match == ("possibly" if chosen.possible else "certainly")


OWN = [
    pytest.param(line, id=f"{page.stem}: {line[:60]}")
    for page in PAGES
    if page.stem not in COMING
    for part in page.read_text("utf-8").partition("\n## ")[2:]
    for block in re.findall(r"^```sh\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    # The recipe with jq is run whole, below.
    if line.startswith(("kzt ", "echo ")) and "jq" not in line
]


@pytest.mark.parametrize("command", OWN)
def test_commands_work(command: str, repository: Repository, bin_with_kzt: Path) -> None:
    """Those that stand below what --help says."""
    repository.commit((CHECKOUT / "events.toml").read_text("utf-8"))
    out = shell(command, repository.folder, bin_with_kzt)
    # An example that finds nothing shows nothing: more than a header must come.
    assert not command.startswith("kzt list --") or "-o" in command or out.count("\n") > 1


# --- recipes of the page publish ---------------------------------------------------------------

TOOLS = ("duckdb", "sqlite-utils", "pandoc")


@pytest.mark.parametrize(
    "block",
    [
        it
        for it in blocks(FOLDER / "publish.md", "sh")
        if any(f"\n{tool}" in it or f"| {tool}" in it for tool in TOOLS)
    ],
    ids=lambda block: block.split("\n")[1].split()[0],
)
def test_a_recipe_works(block: str, repository: Repository, bin_with_kzt: Path) -> None:
    import pypandoc

    repository.commit((CHECKOUT / "events.toml").read_text("utf-8"))
    (bin_with_kzt / "pandoc").symlink_to(pypandoc.get_pandoc_path())
    for tool in ("duckdb", "sqlite-utils"):
        (bin_with_kzt / tool).symlink_to(Path(sys.executable).with_name(tool))
    out = shell(f"set -e\n{block}", repository.folder, bin_with_kzt)
    assert "statement" in out or (repository.folder / "record.docx").stat().st_size > 10_000


def test_the_recipe_with_pandas(bin_with_kzt: Path) -> None:
    (block,) = blocks(FOLDER / "publish.md", "python")
    env = environment({"PATH": f"{bin_with_kzt}:{os.environ['PATH']}"})
    command = [sys.executable, "-c", block]
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "assembly" in done.stdout


@pytest.mark.parametrize("block", blocks(FOLDER / "python.md", "python"))
def test_python_examples_run(block: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
