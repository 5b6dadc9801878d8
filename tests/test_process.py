"""The real process: usage errors, its environment, its ends, and what `-o` writes.

Most cases share a process: one interpreter imports `kzt` and forks for each command line.
"""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from kztimeline.record.model import KINDS
from kztimeline.renderers.views import VIEWS
from tests.conftest import SMALL, Result, Run, environment
from tests.processes import run_all
from tests.terminals import STYLE, on_terminal

# --- usage errors ------------------------------------------------------------------------------

TOPICS = "known: assembly, expression, un"
MATTERS = "known: assembly-procedure, libel, covenant"
SOURCES = "known: ministry-2021, bureau-2011, daily-2021"
PERSPECTIVES = "known: official, foreign, un, igo, ngo, expert, media, opinion"
KINDS_THERE_ARE = f"known: {', '.join(KINDS)}"
LIST_FORMATS = "known: table, plain, tsv, md, docx, json, ids"
EXPORT_FORMATS = f"known: {', '.join(VIEWS['export'])}"
NO_DATE = (
    '"x": this is not a date; write a day, month or year, such as "2020-06-25", "2020-06" or "2020"'
)

USAGE = {
    "list --topic asembly": f'unknown topic "asembly" (did you mean "assembly"?); {TOPICS}',
    "list --topic x": f'unknown topic "x"; {TOPICS}',
    "list --topic=": f'unknown topic ""; {TOPICS}',
    "list -t un -t x": f'unknown topic "x"; {TOPICS}',
    "list --topic \x1b]0;x\x07": f'unknown topic "\\u{{1b}}]0;x\\u{{7}}"; {TOPICS}',
    f"list --topic {'x' * 99_999}": f'unknown topic "{"x" * 79}…"; {TOPICS}',
    "list --kind law2": f'unknown kind "law2" (did you mean "law"?); {KINDS_THERE_ARE}',
    "list --kind zzz": f'unknown kind "zzz"; {KINDS_THERE_ARE}',
    "list --matter libl": f'unknown matter "libl" (did you mean "libel"?); {MATTERS}',
    "list --source daily": f'unknown source "daily" (did you mean "daily-2021"?); {SOURCES}',
    "list --perspective NGO": f'unknown perspective "NGO" (did you mean "ngo"?); {PERSPECTIVES}',
    "list --status x": 'unknown status "x"; known: occurred, scheduled, alleged',
    "list --sort dat": 'unknown sort key "dat" (did you mean "date"?); known: date, title, kind, id',
    "list --format tabel": f'unknown format "tabel" (did you mean "table"?); {LIST_FORMATS}',
    "list --format \udcff": f'unknown format "\\u{{dcff}}"; {LIST_FORMATS}',
    "show libl": (
        'no event, matter, source or topic "libl" (did you mean "libel"?); known: 2005-draft,'
        " 2006-covenant, 2009-permits, 2011-briefing, 2014-rally, 2018-talks, 2020-assembly-law,"
        " 2020-libel, 2022-review, assembly-procedure, libel, covenant, ministry-2021,"
        " bureau-2011, daily-2021, assembly, expression, un"
    ),
    "export x": f'unknown format "x"; {EXPORT_FORMATS}',
    "export cvs": f'unknown format "cvs" (did you mean "csv"?); {EXPORT_FORMATS}',
    "export timeline": (
        f'unknown format "timeline" (did you mean "timelinejs"?); {EXPORT_FORMATS}'
    ),
    "export csv --style table": "--style is of md and docx, not of csv",
    "export html --citations pandoc": "--citations is of md, not of html",
    "export md --style x": 'unknown style "x"; known: full, table',
    "export md --citations pandc": (
        'unknown form of citations "pandc" (did you mean "pandoc"?); known: footnotes, pandoc'
    ),
    "check --format x": 'unknown format "x"; known: text, github, json',
    "list --since x": f"--since: {NO_DATE}",
    "list --until x": f"--until: {NO_DATE}",
    "list --in x": f"--in: {NO_DATE}",
    "state x": f"DATE: {NO_DATE}",
    "diff date:x": NO_DATE,
    "list --since 06/25/2020": (
        '--since: "06/25/2020": a date is year-month-day; write "2020-06-25"'
    ),
    "list --in 2020-02-30": (
        '--in: "2020-02-30": February 2020 has 29 days; the last is "2020-02-29"'
    ),
    "list --since [..2020]": '--since: "[..2020]" has no first day',
    "list --until 2020/..": '--until: "2020/.." has no last day',
    "state 2020/..": 'DATE: "2020/.." has no last day',
    "list --since 2020 --until 2019": "no day is left: since 2020 · until 2019",
    "list --in 2020 --since 2021": "no day is left: since 2021 · in 2020",
    "list --limit -1": (
        "kzt list: invalid value for '--limit': -1 is not in the range x>=0 (see kzt list --help)"
    ),
    "list --file": "kzt list: option '--file' requires an argument (see kzt list --help)",
    "list --file=": "the name of the file is empty",
    "diff file:": "the name of the file is empty",
    "list x": "kzt list: got unexpected extra argument(s) (x) (see kzt list --help)",
    "list --x": "kzt list: no such option: --x (see kzt list --help)",
    "show": "kzt show: missing an ID; kzt names lists what there is, kzt list events",
    "export": "kzt export: missing argument 'FORMAT' (see kzt export --help)",
    "x": "kzt: no such command 'x' (see kzt --help)",
    "lst": "kzt: no such command 'lst'. Did you mean 'list'? (see kzt --help)",
    "--x": "kzt: no such option: --x (see kzt --help)",
    "--file x list": "kzt: no such option: --file (options follow the command: kzt list) (see kzt --help)",
    "diff 2011 2020 --kind law": "a diff of dates takes only --topic and --matter",
}


def test_usage_errors_are_one_line(folder: Path) -> None:
    assert refusals(USAGE, folder) == USAGE


def test_many_arguments(folder: Path) -> None:
    many = ("x",) * 20_000
    commands = [("show", *many), ("list", "--topic", *many), ("check", *many)]
    for command, result in run_all(commands, folder).items():
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), command[0]


def test_a_hint_is_not_looked_for_among_too_many_names(kzt: Run, tmp_path: Path) -> None:
    topics = [f"topic-{i} = 'x'\n" for i in range(10_001)]
    for count, hint in ((10_000, ' (did you mean "topic-1"?)'), (10_001, "")):
        (tmp_path / "events.toml").write_text("".join(["[topic]\n", *topics[:count]]))
        assert kzt("list", "--topic", "tpic-1").err == f'unknown topic "tpic-1"{hint}\n'


# --- the environment ---------------------------------------------------------------------------

FIRST = "DATE      MARKS    KIND    TOPICS    ID          TITLE"


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": ""},
        {"TERM": "dumb"},
        {"FORCE_COLOR": "1"},
        {"GITHUB_ACTIONS": "true"},
        {"COLUMNS": "10"},
        {"KZT_FILE": ""},
        {"PYTHONOPTIMIZE": "2", "PYTHONDEVMODE": "1", "PYTHONWARNINGS": "error"},
        {"LC_ALL": "C", "LANG": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda env: next(iter(env)),
)
def test_plain_output_is_the_same_everywhere(env: dict[str, str], folder: Path, kzt: Run) -> None:
    result = kzt("list", "--limit", "1", env=env)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[0] == FIRST


def test_the_file_may_be_named_in_the_environment(folder: Path, kzt: Run) -> None:
    result = kzt("list", env={"KZT_FILE": "missing.toml"})
    assert (result.code, result.out, result.err) == (2, "", "missing.toml: no such file\n")


@pytest.mark.parametrize("columns", ["", "0", "10", "abc", "-5", "9" * 30])
def test_columns_are_clamped(columns: str, folder: Path, kzt: Run) -> None:
    result = kzt("list", "--format", "table", env={"COLUMNS": columns})
    assert (result.code, result.err) == (0, "")
    width = {"10": 20, "9" * 30: 200}.get(columns, 80)
    assert "9 events" in result.out
    assert max(map(len, result.out.splitlines())) <= width


def test_another_encoding_shows_escapes(folder: Path, kzt: Run) -> None:
    text = SMALL.read_text("utf-8").replace("A draft law", "Зaкон — é")
    (folder / "events.toml").write_text(text, "utf-8")
    result = kzt("list", "--limit", "1", env={"PYTHONIOENCODING": "ascii"})
    assert (result.code, result.err) == (0, "")
    assert r"\u0417a\u043a\u043e\u043d \u2014 \xe9" in result.out
    result = kzt("list", "--topic", "Ж", env={"PYTHONIOENCODING": "ascii:strict"})
    assert (result.code, result.out) == (2, "")
    assert result.err == f'unknown topic "\\u0416"; {TOPICS}\n'


def test_a_deleted_working_directory_falls_back_on_the_bundled_record(
    tmp_path: Path, kzt: Run
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'rmdir "{gone}" && exec "$0" -m kztimeline "$@"'

    def run(*args: str) -> Result:
        gone.mkdir(exist_ok=True)
        command = ["/bin/sh", "-c", script, sys.executable, *args]
        env = environment()
        return Result(subprocess.run(command, cwd=gone, env=env, capture_output=True, check=False))

    assert run("list", "--limit", "1").code == 0
    assert run("list", "--file", "x").err == "x: no such file\n"
    assert run("export", "md", "-o", "x").err == "x: no such file or directory\n"
    assert run("list", "--rev", "HEAD").err == (
        "the bundled record has no revisions; name a file with --file\n"
    )


# --- the ends of the process -------------------------------------------------------------------

FULL = "standard output: no space left on device\n"
CLOSED = "standard output: is closed\n"
SHELL = {
    "kzt list >&-": (2, CLOSED),
    "kzt check --format json >&-": (2, CLOSED),
    "kzt --version >&-": (2, CLOSED),
    "kzt list <&- >&-": (2, CLOSED),
    "kzt list >/dev/full": (2, FULL),
    "kzt export md >/dev/full": (2, FULL),
    "kzt list --format table >/dev/full": (2, FULL),
    "kzt list 1</dev/null": (2, "standard output: bad file descriptor\n"),
    "kzt export md -o x.md >&- <&-": (0, ""),
    "kzt list --topic x 2>&-": (2, ""),
    "kzt list --topic x 2>/dev/full": (2, ""),
    "kzt list <&- >&- 2>&-": (2, ""),
    "kzt list --file - <&-": (2, "standard input: is closed\n"),
    "kzt list --file - 0>out": (2, "standard input: bad file descriptor\n"),
    "kzt list --file - </dev/zero": (2, "standard input: larger than 64 MiB\n"),
    "kzt export json | head -c 1": (0, ""),
    "kzt list | true": (0, ""),
}


@pytest.mark.parametrize("command", SHELL)
def test_redirections(command: str, folder: Path) -> None:
    script = f'kzt() {{ {sys.executable} -m kztimeline "$@"; }}\n{command}'
    done = Result(
        subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    )
    assert (done.code, done.err) == SHELL[command]


def start(*args: str, cwd: Path, **streams: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "kztimeline", *args]
    return subprocess.Popen(command, cwd=cwd, env=environment(), stderr=subprocess.PIPE, **streams)  # type: ignore[call-overload, no-any-return]


# More than a pipe holds at once.
LONG = SMALL.read_text("utf-8") + "".join(
    f"""
[[event]]
id = "long-{number}"
date = "2023"
title = "A long one"
kind = "report"
topics = ["un"]
summary = "{"x" * 4_900}"
sources = [{{ source = "daily-2021", at = "paragraph {number}" }}]
"""
    for number in range(40)
)


def test_a_reader_that_stops_is_no_error(folder: Path) -> None:
    (folder / "events.toml").write_text(LONG, "utf-8")
    ours, theirs = os.pipe()
    os.close(ours)
    process = start("export", "json", cwd=folder, stdout=theirs)
    os.close(theirs)
    assert (process.communicate()[1], process.returncode) == (b"", 141)


def test_streams_that_do_not_wait_lose_nothing(folder: Path) -> None:
    there, here = os.pipe()
    back, out = os.pipe()
    for descriptor in (there, out):
        os.set_blocking(descriptor, False)
    process = start("export", "json", "--file", "-", cwd=folder, stdin=there, stdout=out)
    for descriptor in (there, out):
        os.close(descriptor)
    time.sleep(0.5)
    with os.fdopen(here, "wb") as file:
        file.write(LONG.encode())
    time.sleep(0.5)
    with os.fdopen(back, "rb") as result:
        record = json.load(result)
    assert (process.communicate()[1], process.returncode) == (b"", 0)
    assert len(record["events"]) == 49


def test_an_interrupt_ends_quietly(folder: Path) -> None:
    process = start("list", "--file", "-", cwd=folder, stdin=subprocess.PIPE)
    # More than a pipe holds: once all is written, the process is reading.
    assert process.stdin
    process.stdin.write(b"#" * 500_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    assert (process.communicate()[1], process.returncode) == (b"", 130)


# --- terminals ---------------------------------------------------------------------------------


PLAIN = [{"NO_COLOR": "1"}, {"TERM": "dumb"}]
PLAIN += [{"NO_COLOR": "1", "FORCE_COLOR": "1", "GITHUB_ACTIONS": "true"}]


@pytest.mark.parametrize("columns", [40, 80, 0])
@pytest.mark.parametrize(
    "args", [("list",), ("show", "2020-assembly-law"), ("diff", "2011", "2020")]
)
def test_terminals_get_lines_that_fit(args: tuple[str, ...], columns: int, folder: Path) -> None:
    code, lines = on_terminal(*args, columns=columns, cwd=folder, env={})
    assert code == 0
    assert any("\x1b[" in line for line in lines)
    shown = [STYLE.sub("", line) for line in lines]
    assert not any("\x1b" in line for line in shown)
    assert max(map(len, shown)) <= (columns or 80)


@pytest.mark.parametrize("env", PLAIN)
def test_terminals_that_want_no_escapes_get_none(env: dict[str, str], folder: Path) -> None:
    code, lines = on_terminal("list", columns=80, cwd=folder, env=env)
    assert code == 0
    assert not any("\x1b" in line for line in lines)
    assert "9 events" in lines


def test_errors_on_a_terminal_are_one_line(folder: Path) -> None:
    refused = on_terminal("list", "--topic", "x", columns=40, cwd=folder, env={})
    assert refused == (2, [f'unknown topic "x"; {TOPICS}'])


# --- writing -----------------------------------------------------------------------------------


def saved(folder: Path, name: str, *args: str) -> str:
    """What stderr says to writing to `name`; nothing goes to stdout, no temporary file stays."""
    before = {path.name for path in folder.rglob("*")}
    command = (*(args or ("export", "md")), "-o", name)
    result = run_all([command], folder)[command]
    assert result.out == ""
    assert (result.code == 0) == (result.err == "")
    new = {path.name for path in folder.rglob("*")} - before
    assert new <= ({Path(name).name} if result.code == 0 else set())
    return result.err


MARKDOWN = "# Reforms in an example country\n"


def is_markdown(path: Path) -> bool:
    return path.read_text("utf-8").startswith(MARKDOWN)


def test_a_new_file_gets_the_mode_of_new_files(folder: Path) -> None:
    assert saved(folder, "new.md") == ""
    assert is_markdown(folder / "new.md")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((folder / "new.md").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_an_existing_file_keeps_its_mode(mode: int, folder: Path) -> None:
    path = folder / "old.md"
    path.write_text("old")
    path.chmod(mode)
    assert saved(folder, "old.md") == ""
    assert is_markdown(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_an_existing_file_keeps_its_owner(folder: Path) -> None:
    path = folder / "old.md"
    path.write_text("old")
    os.chown(path, 12345, 12345)
    assert saved(folder, "old.md") == ""
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12345)


def test_a_link_is_replaced(folder: Path) -> None:
    """Not followed: in a checkout it may be a stranger's, and lead to what git or Python runs."""
    (folder / "real.md").write_text("old")
    for name, leads_to in {"link": "real.md", "dangling": "nothing", "loop": "loop"}.items():
        (folder / name).symlink_to(leads_to)
        assert saved(folder, name) == ""
        assert not (folder / name).is_symlink()
        assert is_markdown(folder / name)
    assert (folder / "real.md").read_text() == "old"
    assert not (folder / "nothing").exists()


def test_a_name_may_be_as_long_as_names_can_be(folder: Path) -> None:
    assert saved(folder, "x" * 255) == ""
    assert saved(folder, "x" * 256) == f"{'x' * 256}: file name too long\n"


ITSELF = ": is the events file itself; choose another name\n"
UNWRITABLE = {
    "folder": "folder: is a directory\n",
    ".": ".: is a directory\n",
    "none/new.md": "none: no such folder\n",
    "other.md/new.md": "other.md/new.md: not a directory\n",
    "loop/new.md": "loop/new.md: too many levels of symbolic links\n",
    "fifo": "fifo: nothing reads from it\n",
    "/dev/full": "/dev/full: no space left on device\n",
    "/proc/new.md": "/proc/new.md: no such file or directory\n",
    "none/\x1b[31m\n": "none: no such folder\n",
    "\x1b[31m/new.md": "\\u{1b}[31m: no such folder\n",
    "events.toml": f"events.toml{ITSELF}",
    "folder/../events.toml": f"folder/../events.toml{ITSELF}",
    "link": f"link{ITSELF}",
    "hard": f"hard{ITSELF}",
}


def test_what_cant_be_written_is_one_line(folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "other.md").write_text("")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo")
    (folder / "link").symlink_to("events.toml")
    (folder / "hard").hardlink_to(folder / "events.toml")
    before = sorted(folder.rglob("*"))
    commands = {("export", "md", "-o", name): told for name, told in UNWRITABLE.items()}
    results = run_all(commands, folder)
    assert {command: result.err for command, result in results.items()} == commands
    assert {(result.code, result.out) for result in results.values()} == {(2, "")}
    assert sorted(folder.rglob("*")) == before
    assert (folder / "events.toml").read_bytes() == SMALL.read_bytes()


def test_no_file_that_was_read_is_written(folder: Path) -> None:
    shutil.copy(SMALL, folder / "a.toml")
    shutil.copy(SMALL, folder / "b.toml")
    for name in ("a.toml", "b.toml"):
        assert saved(folder, name, "diff", "a.toml", "b.toml") == f"{name}{ITSELF}"
    with (folder / "a.toml").open("rb") as file:
        process = start("list", "--file", "-", "-o", "a.toml", cwd=folder, stdin=file.fileno())
        assert process.communicate()[1].decode() == f"a.toml{ITSELF}"
    assert {(folder / name).read_bytes() for name in ("a.toml", "b.toml")} == {SMALL.read_bytes()}


def test_devices_are_written_to_not_replaced(folder: Path) -> None:
    before = os.stat("/dev/null").st_ino  # noqa: PTH116
    assert saved(folder, "/dev/null") == ""
    after = Path("/dev/null").stat()
    assert (after.st_ino, stat.S_ISCHR(after.st_mode)) == (before, True)


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_has_names(name: str, folder: Path, kzt: Run) -> None:
    result = kzt("export", "md", "-o", name, cwd=folder)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(MARKDOWN)
    assert [path.name for path in folder.iterdir()] == ["events.toml"]


def test_standard_output_is_appended_to(folder: Path) -> None:
    log = folder / "log"
    log.write_text("before\n")
    with log.open("a") as file:
        process = start("export", "md", "-o", "/dev/stdout", cwd=folder, stdout=file.fileno())
        assert (process.communicate()[1], process.returncode) == (b"", 0)
    assert log.read_text("utf-8").startswith(f"before\n{MARKDOWN}")


def test_a_fifo_with_a_reader_is_written_to(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    with subprocess.Popen(["cat", "fifo"], cwd=folder, stdout=subprocess.PIPE) as reader:
        while saved(folder, "fifo") != "":
            time.sleep(0.05)
        assert reader.communicate()[0].decode().startswith(MARKDOWN)
    assert stat.S_ISFIFO((folder / "fifo").stat().st_mode)


def test_a_write_that_fails_leaves_the_old_file(folder: Path) -> None:
    (folder / "old.md").write_text("old")
    script = f'ulimit -f 1; exec {sys.executable} -m kztimeline "$@"'
    command = ["/bin/sh", "-c", script, "sh", "export", "json", "-o", "old.md"]
    done = Result(
        subprocess.run(command, cwd=folder, env=environment(), capture_output=True, check=False)
    )
    assert (done.code, done.err) == (2, "old.md: file too large\n")
    assert sorted(path.name for path in folder.iterdir()) == ["events.toml", "old.md"]
    assert (folder / "old.md").read_text() == "old"


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the small record as its events file."""
    shutil.copy(SMALL, tmp_path / "events.toml")
    return tmp_path


def refusals(rows: Mapping[str, str], cwd: Path) -> dict[str, str]:
    """What stderr says to each command line; checks that this is all that happens."""
    results = run_all([tuple(row.split(" ")) if row else () for row in rows], cwd)
    for result in results.values():
        assert (result.code, result.out) == (2, "")
        assert result.err.endswith("\n")
    told = (result.err.removesuffix("\n") for result in results.values())
    return dict(zip(rows, told, strict=True))
