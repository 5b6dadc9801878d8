"""No text of a record is more than a text, whatever command shows it: see ``oracles/walk.py``."""

import json
import os
import unicodedata
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import rtoml
from rich.console import Console

from kztimeline import loads
from kztimeline.cli import app as cli
from kztimeline.query.filter import Filter, select
from kztimeline.renderers.views import VIEWS, How
from kztimeline.text.gate import defuse, line
from tests.conftest import SMALL, Repository, Run
from tests.oracles.hostile_texts import TEXTS
from tests.oracles.walk import (
    ANNOTATION,
    CASES,
    CHOSEN,
    FEW,
    FILES,
    OUTCOMES,
    STRUCTURED,
    TERMINAL,
    TERMINALS,
    Case,
    commands,
    harmless,
    of,
    quoted,
    raw,
    raw_of,
    record,
    squeezed,
    walk,
    with_texts,
)
from tests.processes import options, run_all
from tests.terminals import STYLE, Terminal


def ids(case: Case) -> str:
    return " ".join(word[:20] for word in case.args[:6])


every_case = pytest.mark.parametrize("case", CASES, ids=ids)


# --- what is written ---------------------------------------------------------------------------


def test_many_texts_stand_in_every_field() -> None:
    assert len(CHOSEN) >= 600
    assert {case.command for case in CASES} == {*cli.COMMANDS} - {"init", "merge"}
    found = loads(record(CHOSEN))
    for n, text in enumerate(CHOSEN):
        event, source = found.events[n], found.sources[f"s{n}"]
        lasting = text.replace("\r\n", "\n")
        cited = event.sources[0]
        assert {event.title, event.summary, event.state[f"m{n}"], event.asks} == {lasting}
        assert {event.dating, cited.at, cited.says, found.matters[f"m{n}"].title} == {lasting}
        assert {source.title, source.publisher, source.url, source.note} == {lasting}


@pytest.mark.slow
@every_case
def test_nothing_raw_reaches_a_pipe(case: Case, piped: OUTCOMES) -> None:
    result = piped[case]
    assert (raw_of(case.form, result.out), raw(result.err)) == (set(), set())
    assert result.code == (1 if case.command == "check" else 0), result.err
    assert result.err == "" or (case.form == "mermaid" and "unreadable diagram" in result.err)


@pytest.mark.slow
@every_case
def test_nothing_raw_reaches_a_terminal(case: Case, on_terminal: OUTCOMES) -> None:
    result = on_terminal[case]
    assert (raw_of(case.form, STYLE.sub("", result.out)), raw(result.err)) == (set(), set())
    assert result.code == (1 if case.command == "check" else 0), result.err


@pytest.mark.slow
@every_case
def test_no_runner_is_commanded(case: Case, on_runner: OUTCOMES) -> None:
    result = on_runner[case]
    if (case.command, case.form) == ("check", "github"):
        for row in result.out.splitlines():
            assert ANNOTATION.match(row), row
            assert commands(ANNOTATION.sub("", row, count=1)) == []
    else:
        assert commands(result.out) == []
    assert commands(result.err) == []
    assert raw_of(case.form, result.out) == set()


# --- structure ---------------------------------------------------------------------------------


def lasting(text: str) -> str:
    return text.replace("\r\n", "\n")


def parsed(form: str, text: str) -> Any:
    """The data of a format that has its own escapes; None for other formats."""
    try:
        return rtoml.loads(text) if form == "toml" else json.loads(text)
    except ValueError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("case", STRUCTURED, ids=ids)
def test_there_is_no_structure_that_is_not_ours(
    case: Case, piped: OUTCOMES, tame: OUTCOMES
) -> None:
    read, due = piped[case].out, tame[case].out
    data = parsed(case.form, read)
    if data is not None:
        # A value that begins like a formula is marked as none, if at all, where it is written.
        assert data == with_texts(parsed(case.form, due), lasting)
    elif case.form in ("plain", "tsv"):
        rows = [row for row in read.splitlines() if row]
        wanted = with_texts(due, lambda text: line(lasting(text)))
        spread = [row for row in wanted.split("\n") if row]
        if case.command not in ("show", "diff"):
            assert [squeezed(row) for row in rows] == [squeezed(row) for row in spread]
        # A summary's own lines stay lines.
        assert squeezed(read).replace(r"\u{a}", "") == squeezed(wanted).replace(r"\u{a}", "")


@pytest.mark.slow
def test_a_terminal_shows_markup_as_it_is(folder: Path) -> None:
    shown = [case for case in CASES if case.form == "table" and case.command in ("show", "gaps")]
    for case in shown:
        row = of(case, "few.toml")
        read, due = (
            squeezed(STYLE.sub("", run_all([row], folder / name, TERMINAL, TERMINALS)[row].out))
            for name in ("hostile", "tame")
        )
        wanted = squeezed(with_texts(due, lambda text: line(lasting(text)), FEW))
        assert read.replace(r"\u{a}", "") == wanted.replace(r"\u{a}", "")


@pytest.mark.slow
def test_each_title_of_a_record_is_shown_harmlessly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for text in TEXTS:
        found = loads(f"[timeline]\ntitle = {quoted(text)}\n")
        for form, export in VIEWS["export"].items():
            # Making the page takes long; test_html.py has all texts in one.
            if form == "html" and text not in FEW:
                continue
            written = defuse(str(export(select(found, Filter()), How("End"))))
            assert raw_of(form, written) == set(), form
            assert commands(written) == []


# --- arguments ---------------------------------------------------------------------------------

PLACES: list[Callable[[str], tuple[str, ...]]] = [
    lambda text: ("list", f"--topic={text}"),
    lambda text: ("list", f"--search={text}"),
    lambda text: ("list", f"--since={text}"),
    lambda text: ("list", f"--format={text}"),
    lambda text: ("list", f"--limit={text}"),
    lambda text: ("list", f"--file={text}"),
    lambda text: ("list", f"--rev={text}"),
    lambda text: ("list", f"--{text}"),
    lambda text: ("show", "--", text),
    lambda text: ("state", "--", text),
    lambda text: ("diff", "--", text),
    lambda text: ("diff", "--", f"date:{text}", f"file:{text}"),
    lambda text: ("export", "--", text),
    lambda text: ("export", "md", f"--output=none/{text}/x"),
    lambda text: ("check", f"--explain={text}"),
    lambda text: ("check", "--", text),
    lambda text: ("check", f"--against={text}"),
    lambda text: ("fmt", "--", text),
    lambda text: ("add", "--yes", f"--title={text}", f"--state={text}"),
    lambda text: ("add", "--yes", f"--json={text}"),
    lambda text: (text,),
]


@pytest.mark.slow
def test_arguments_are_shown_harmlessly(tmp_path: Path) -> None:
    (tmp_path / "events.toml").write_text(SMALL.read_text("utf-8"))
    # As arguments can be: no NUL, and at most 4,096 bytes of a path. Each stands in one place.
    texts = [text for text in CHOSEN if "\0" not in text]
    rows = [PLACES[n % len(PLACES)](text) for n, text in enumerate([*texts, "\udc9b\udcff"])]
    results = run_all(rows, tmp_path, env={"GITHUB_ACTIONS": "true"})
    assert len(results) >= 600
    for row, result in results.items():
        told = result.out + result.err
        assert (raw(told), commands(told)) == (set(), []), row
        assert result.code in ((0, 2) if row[0] in ("list", "diff", "check") else (2,)), row
        assert "Traceback" not in told, row
        assert result.err.count("\n") <= 2, row
    assert [path.name for path in tmp_path.iterdir()] == ["events.toml"]


def test_questions_show_their_choices_harmlessly(tmp_path: Path) -> None:
    texts = [text for text in CHOSEN if len(text) < 100][::3]
    (tmp_path / "events.toml").write_text(record(texts))
    terminal = Terminal(tmp_path, "add", *options(topic=None, source="s0"))
    # A question mark explains a question, with its choices.
    terminal.until("Topics: ")
    os.write(terminal.end, b"?\n")
    terminal.until("Topics: ")
    os.write(terminal.end, b"1\n")
    terminal.until("Status (Enter for none)")
    os.write(terminal.end, b"\n")
    terminal.until("State (Enter for none)")
    os.write(terminal.end, b"?\n")
    terminal.until("State (Enter for none)")
    assert terminal.close(b"\x04") == 2
    for text in texts[:50]:
        assert line(text[:200]).strip() in terminal.seen
    assert raw(terminal.seen.replace("\r", "").replace("\x07", "")) == set()


# --- names of files, and the environment ---------------------------------------------------------

NAMES = [
    "a\nb.toml", "\x1b[31m.toml", "\x9b2J.toml", "::error::x.toml", "\u202ex.toml", "##[error]y.toml",
    "-x.toml", "a b'\"$(x).toml", "\udcff\udcfe.toml", "a,b:c%0A.toml", "[bold]x[red].toml", "\r.toml",
]  # fmt: skip
ADD = ("add", "--yes", *options(source="daily-2021"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_of_files_are_shown_harmlessly(name: str, repository: Repository) -> None:
    broken = f"broken{name}"
    file = f"./{name}"
    repository.write("[topic]\na = 1\nb =\n", broken)
    repository.commit(SMALL.read_text("utf-8"), name)
    repository.write(SMALL.read_text("utf-8") + "# more\n", name)
    rows: list[tuple[str, ...]] = [
        *[(*row, "--file", each) for each in (file, broken) for row in [
            ("list",), ("list", "--rev", "HEAD"), ("list", "--rev", "HEAD~9"), ("diff",),
            ("diff", "--format", "md"), ("diff", "--format", "json"), ("diff", "rev:nope"),
            ("export", "md", "--rev", "HEAD"), ("export", "md", "-o", each), (*ADD, "--dry-run"),
        ]],
        *[(*row, each) for each in (file, broken) for row in [
            ("check",), ("check", "--format", "json"), ("check", "--against", "HEAD"),
            ("fmt", "--check"), ("fmt", "--diff"), ("diff", file),
        ]],
        (*ADD, "--file", file),
        ("fmt", file),
    ]  # fmt: skip
    results = run_all(rows, repository.folder, env={"GITHUB_ACTIONS": "true"})
    for row, result in results.items():
        told = result.out + result.err
        assert (raw(told), commands(told)) == (set(), []), row
        assert result.code in (0, 1, 2), row
        assert "Traceback" not in told, row
    assert results[*ADD, "--file", file].out.count("\n") == 1
    for file in (name, broken):
        row = ("check", f"./{file}", "--format", "github")
        (result,) = run_all([row], repository.folder).values()
        lines = result.out.splitlines()
        assert not any(commands(ANNOTATION.sub("", each)) for each in lines)


COMPLETIONS: list[dict[str, str]] = [
    {"_KZT_COMPLETE": "complete_bash"},
    {"_KZT_COMPLETE": "complete_bash", "COMP_WORDS": "kzt list", "COMP_CWORD": "x"},
    {"_KZT_COMPLETE": "complete_bash", "COMP_WORDS": 'kzt "list', "COMP_CWORD": "9"},
    {"_KZT_COMPLETE": "complete_bash", "COMP_WORDS": "kzt list --topic \x1b", "COMP_CWORD": "3"},
    {"_KZT_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": 'kzt "'},
    {"_KZT_COMPLETE": "complete_zsh"},
    {"_KZT_COMPLETE": "complete_\x1b"},
    {"_KZT_COMPLETE": "\x1b[31m"},
]


@pytest.mark.parametrize("env", COMPLETIONS, ids=lambda env: ascii(" ".join(env.values())))
def test_what_completes_for_a_shell_can_be_anything(env: dict[str, str], kzt: Run) -> None:
    result = kzt("list", env=env)
    told = result.out + result.err
    # Fish takes what stands behind a tab for the description.
    assert raw(told) <= ({"\t"} if env.get("_KZT_COMPLETE") == "complete_fish" else set())
    assert "Traceback" not in told
    assert result.code in (0, 1, 2)


# --- what is refused ---------------------------------------------------------------------------

REFUSED = {
    "": "title must not be empty",
    " ": "title must not be empty",
    "\u3000\u2003\t\n": "title must not be empty",
    "\x1c\x1d\x1e\x1f\x85": "title must not be empty",
    "\u202e" * 301: "title has 301 characters, more than 300",
    "\x1b[31m" * 100_000: "title has 500,000 characters, more than 300",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:12])
def test_texts_without_letters_or_end_are_refused(text: str, tmp_path: Path, kzt: Run) -> None:
    (tmp_path / "events.toml").write_text(f"[timeline]\ntitle = {quoted(text)}\n")
    result = kzt("list")
    told = f"events.toml:2:9: {REFUSED[text]}\n"
    assert (result.code, result.out, result.err) == (2, "", told)


# --- seen to fail ------------------------------------------------------------------------------


def test_the_oracles_see_a_naive_print() -> None:
    gated = [text for text in TEXTS if line(text) != text]
    assert len(gated) > 200
    for text in gated:
        # Piled marks are shown for their number, not for what they are.
        piled = sum(unicodedata.category(char)[0] == "M" for char in text) > 8
        assert raw(f"title: {text}\nnext\n") or "\n" in text or piled
    aimed = [text for text in TEXTS if "::" in text or "##[" in text]
    assert len(aimed) > 50
    for text in aimed:
        assert commands(f"title: {text}\n")
    naive = json.dumps({"title": "\u202e\x9b"}, ensure_ascii=False)
    assert raw(naive) == {"\u202e", "\x9b"}


def test_the_oracles_see_a_naive_table() -> None:
    def naive(text: str) -> str:
        file = StringIO()
        Console(file=file, width=300, force_terminal=False, highlight=False).print(text)
        return file.getvalue()

    assert squeezed(naive("[bold]a[/bold]")) == "a"
    assert squeezed(naive(":bomb:")) != ":bomb:"
    assert raw(naive("\x9b\u202e")) == {"\x9b", "\u202e"}
    rows = "".join(f"{text}\t1\n" for text in ("a\tb", "a\nb"))
    assert rows.count("\t") != 2
    assert rows.count("\n") != 2


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of the same files with hostile texts and with harmless words."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in ("hostile", "tame"):
        (folder / name).mkdir()
        (folder / name / "old.toml").write_text('[timeline]\ntitle = "Old"\n')
        for file, texts in FILES.items():
            (folder / name / file).write_text(
                record(texts if name == "hostile" else harmless(texts))
            )
        changed = [*(f"{text} a" for text in FEW[::-1]), *CHOSEN[len(FEW) :]]
        (folder / name / "changed.toml").write_text(record(changed))
        repository = Repository(folder / name)
        repository.git("add", "--all")
        repository.git("commit", "--quiet", "--message", "All")
    return folder


@pytest.fixture(scope="module")
def piped(folder: Path) -> OUTCOMES:
    return walk(folder / "hostile", CASES)


@pytest.fixture(scope="module")
def on_runner(folder: Path) -> OUTCOMES:
    return walk(folder / "hostile", CASES, env={"GITHUB_ACTIONS": "true"})


@pytest.fixture(scope="module")
def on_terminal(folder: Path) -> OUTCOMES:
    # What only a terminal gets is looked at with all texts here.
    return walk(folder / "hostile", CASES, "all.toml", env=TERMINAL, script=TERMINALS)


@pytest.fixture(scope="module")
def tame(folder: Path) -> OUTCOMES:
    """The same into a pipe, of harmless words."""
    return walk(folder / "tame", STRUCTURED)
