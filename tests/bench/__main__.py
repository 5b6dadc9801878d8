"""Measure `kzt` beside other tools, interleaved, and say which budget lines hold.

Nothing is installed: contenders that are missing are named, with the package that has them.

    python -m tests.bench           the whole, some thirty minutes
    python -m tests.bench --quick   fewer rounds, without the 100,000 events
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import Budget, Contender, Run, held, rounds, table, verdicts

CHECKOUT = Path(__file__).parents[2]
BENCH = Path(__file__).with_name("events.toml")
PACKAGES = {
    "recsel": "recutils",
    "recfix": "recutils",
    "jq": "jq",
    "mlr": "miller",
    "hledger": "hledger",
}
TOPIC = "topic-07"
TOMLLIB = "import sys, tomllib; d = tomllib.load(open(sys.argv[1], 'rb'))\nfor e in d['event']:\n    if sys.argv[2] in e['topics']: print(e['date'], e['id'], e['title'])"

READ = "import gc, sys, kztimeline; gc.disable(); [kztimeline.load(name) for name in sys.argv[1:]]"


# --- starts ------------------------------------------------------------------------------------


def small(kzt: str, python: str) -> list[Contender]:
    """Starts, and the two records that fit on some screens."""
    complete = {
        "_KZT_COMPLETE": "complete_bash",
        "COMP_WORDS": "kzt list --kind l",
        "COMP_CWORD": "3",
    }
    contenders = [
        Contender("python -c pass", [python, "-c", "pass"]),
        Contender("REF", [python, "-c", "import typer, rich.table, rich.console"]),
    ]
    for name, record in (("bench record", BENCH), ("shipped", CHECKOUT / "events.toml")):
        listed = [kzt, "list", "--file", str(record)]
        contenders += [
            Contender(f"kzt list, {name}, pipe", listed),
            Contender(f"kzt list, {name}, terminal", listed, terminal=True),
        ]
    return [
        *contenders,
        Contender("kzt show", [kzt, "show", "2020-assembly-law", "--file", str(BENCH)]),
        Contender("kzt --version", [kzt, "--version"]),
        Contender("kzt --help", [kzt, "--help"]),
        Contender("kzt list --bogus", [kzt, "list", "--bogus"]),
        Contender("completion", [kzt], env=complete),
    ]


START = [
    Budget("kzt list to a pipe, bench record", "kzt list, bench record, pipe", "REF", 0.80),
    Budget("kzt list to a pipe, shipped", "kzt list, shipped, pipe", "REF", 1.15),
    Budget("kzt list to a terminal, bench record", "kzt list, bench record, terminal", "REF", 1.20),
    Budget("kzt list to a terminal, shipped", "kzt list, shipped, terminal", "REF", 1.60),
    Budget("kzt --version", "kzt --version", "REF", 0.70),
    Budget("kzt --help", "kzt --help", "REF", 0.70),
    Budget("a usage error", "kzt list --bogus", "REF", 0.70),
    Budget("a completion", "completion", "REF", 0.70),
]


# --- records of a size -------------------------------------------------------------------------


def sized(kzt: str, python: str, folder: Path, name: str) -> list[Contender]:
    """The same questions on a record, rich or lean, to every tool that is there."""

    def file(kind: str) -> str:
        return str(folder / f"{name}{kind}")

    jq = f'.[] | select(.topics | index("{TOPIC}")) | [.date, .id, .title] | @tsv'
    rec = ["recsel", "-S", "Date", "-e", f"Topic = '{TOPIC}'", "-p", "Date,Id,Title", file(".rec")]
    mlr = ["mlr", "--ijson", "--opprint", "cut", "-f", "date,id,title", file(".json")]
    contenders = [
        Contender("kzt list --topic", [kzt, "list", "--topic", TOPIC, "--file", file(".toml")]),
        Contender("kzt list", [kzt, "list", "--file", file(".toml")]),
        Contender("kzt list, terminal", [kzt, "list", "--file", file(".toml")], terminal=True),
        Contender("kzt show", [kzt, "show", "1991-event-0", "--file", file(".toml")]),
        Contender("kzt check", [kzt, "check", file(".toml")]),
        Contender("kzt diff", [kzt, "diff", file(".toml"), file("-edited.toml")]),
        Contender("reading both", [python, "-c", READ, file(".toml"), file("-edited.toml")]),
        Contender("kzt export md", [kzt, "export", "md", "--file", file(".toml")]),
        Contender("kzt export json", [kzt, "export", "json", "--file", file(".toml")]),
        Contender("tomllib", [python, "-c", TOMLLIB, file(".toml"), TOPIC]),
        Contender("recsel", rec),
        Contender("jq", ["jq", "-r", jq, file(".json")]),
        Contender("mlr", mlr),
        Contender("hledger", ["hledger", "-f", file(".journal"), "print", f"tag:{TOPIC}"]),
    ]
    return [c for c in contenders if Path(c.command[0]).is_absolute() or shutil.which(c.command[0])]


def editing(kzt: str, folder: Path) -> list[Contender]:
    """What writes, on a fresh copy each time, and what another tool needs to find mistakes."""
    contenders = [
        Contender("kzt fmt --check", [kzt, "fmt", "--check", str(folder / "10000.toml")]),
        Contender("kzt fmt", on_copy(folder, "10000-untidy.toml", f"{kzt} fmt copy.toml")),
    ]
    # It compares every key with every other one: minutes beyond this size.
    if shutil.which("recfix"):
        recfix = ["recfix", "--check", str(folder / "10000.rec")]
        contenders.append(Contender("recfix --check", recfix, rounds=2))
    return contenders


def on_copy(folder: Path, name: str, command: str) -> list[str]:
    """A command line on a fresh copy of a file, named ``copy.toml``."""
    return ["sh", "-c", f'cd "{folder}" && cp {name} copy.toml && {command}']


RICH = [
    Budget("kzt list --topic, rich", "kzt list --topic", "recsel", 0.75),
    Budget("kzt check", "kzt check", "kzt list --topic", 3.0),
    Budget("kzt check", "kzt check", "recfix --check", 0.1),
    Budget("kzt fmt --check", "kzt fmt --check", "kzt check", 4.0),
    Budget("kzt fmt", "kzt fmt", "kzt check", 6.0),
    Budget("kzt diff", "kzt diff", "reading both", 2.0),
    Budget("peak memory, rich", "kzt list --topic", "recsel", 1.5, "kilobytes"),
]
LEAN = [
    Budget("kzt list --topic, lean", "kzt list --topic", "recsel", 2.0),
    Budget("kzt check, lean", "kzt check", "kzt list --topic", 3.0),
    Budget("kzt diff, lean", "kzt diff", "reading both", 2.0),
    Budget("peak memory, lean", "kzt list --topic", "recsel", 1.5, "kilobytes"),
]
GROWN = ("kzt list", "kzt check", "kzt diff", "kzt export md", "kzt export json")


def growth(large: dict[str, Run], huge: dict[str, Run]) -> list[str]:
    """Whether ten times the events take no more than ten times as much, nearly."""
    return [
        held(
            f"{name}, 100,000 events ({what})",
            getattr(huge[name], what) / getattr(large[name], what),
            "10,000",
            most,
        )
        for name in GROWN
        for what, most in (("seconds", 12.0), ("kilobytes", 11.0))
    ]


# --- what is yet to come -----------------------------------------------------------------------


def offered(kzt: str, *words: str) -> bool:
    """Whether this `kzt` has a command, or a command an option."""
    *command, word = words
    shown = subprocess.run([kzt, *command, "--help"], capture_output=True, text=True, check=True)
    return word in shown.stdout.split()


def merging(kzt: str, python: str, folder: Path) -> list[Contender]:
    """Two edits of one record, one event in a hundred each, where `kzt merge` is there."""
    if not offered(kzt, "merge"):
        return []
    names = ["10000.toml", "10000-edited.toml", "10000-theirs.toml"]
    merge = f"{kzt} merge 10000.toml copy.toml 10000-theirs.toml"
    reading = [python, "-c", READ, *(str(folder / name) for name in names)]
    return [
        Contender("kzt merge", on_copy(folder, "10000-edited.toml", merge)),
        Contender("reading the three", reading),
    ]


MERGE = [Budget("kzt merge", "kzt merge", "reading the three", 4.0)]


def intake(kzt: str, folder: Path) -> list[Contender]:
    """A table of a thousand rows into a thousand events, where `kzt add --from` is there."""
    if not offered(kzt, "add", "--from"):
        return []
    adding = f"{kzt} add --from 1000-more.csv --yes --file copy.toml"
    subprocess.run(on_copy(folder, "1000.toml", adding), check=True, capture_output=True)
    shutil.copy(folder / "copy.toml", folder / "1000-grown.toml")
    return [
        Contender("kzt add --from", on_copy(folder, "1000.toml", adding)),
        Contender("kzt check, grown", [kzt, "check", str(folder / "1000-grown.toml")]),
    ]


INTAKE = [Budget("kzt add --from", "kzt add --from", "kzt check, grown", 4.0)]

COMMITS = 500


def history(kzt: str, folder: Path) -> list[Contender]:
    """So many commits of the bench record, where `kzt log` is there."""
    if not offered(kzt, "log"):
        return []
    repository = folder / "history"
    subprocess.run(["git", "init", "--quiet", str(repository)], check=True)
    subprocess.run(
        ["git", "-C", str(repository), "fast-import", "--quiet"],
        input=b"".join(commits()),
        check=True,
    )
    subprocess.run(["git", "-C", str(repository), "checkout", "--quiet", "bench"], check=True)
    return [
        Contender("kzt log", [kzt, "log", "--file", str(repository / "events.toml")]),
        Contender("kzt --version", [kzt, "--version"]),
    ]


def commits() -> list[bytes]:
    """A stream for ``git fast-import`` in which each commit changes one title."""
    text = BENCH.read_text("utf-8")
    found = []
    for number in range(COMMITS):
        head, *events = text.split("\n[[event]]\n")
        at = number % len(events)
        events[at] = events[at].replace('title = "', 'title = "Again: ', 1)
        text = "\n[[event]]\n".join([head, *events])
        data = text.encode()
        found.append(
            b"commit refs/heads/bench\ncommitter Bench <bench@example.org> %d +0000\ndata 1\n%d\n"
            b"M 100644 inline events.toml\ndata %d\n%s\n"
            % (1_600_000_000 + number, number % 10, len(data), data)
        )
    return found


def log_row(medians: dict[str, Run]) -> list[str]:
    """Milliseconds for each commit, a start aside."""
    if "kzt log" not in medians:
        return []
    seconds = medians["kzt log"].seconds - medians["kzt --version"].seconds
    return [held(f"kzt log, {COMMITS} commits", seconds / COMMITS * 1000, "1 ms a commit", 12.0)]


# --- the gate ----------------------------------------------------------------------------------

# `kzt` with every function of the gate replaced by one that lets all pass, or as it is.
GATE = """
import sys
from kztimeline.text import gate
if sys.argv.pop(1) == "without":
    gate.line = gate.cells = gate.page = gate.defuse = gate.json_text = lambda raw: raw
from kztimeline.cli.app import main
main()
"""
MOST_FOR_THE_GATE = 0.10


def gate(python: str, file: Path, count: int) -> float:
    """What the gate adds to the processor time of `kzt list`: of medians, interleaved."""
    taken: dict[str, list[float]] = {"with": [], "without": []}
    for number in range(2 * count):
        # Each goes first in turn, so that neither has the warmer caches.
        mode = ("with", "without", "without", "with")[number % 4]
        command = [python, "-c", GATE, mode, "list", "--file", str(file)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit("kzt without its gate does not run")
        taken[mode].append(used.ru_utime + used.ru_stime)
    return statistics.median(taken["with"]) / statistics.median(taken["without"]) - 1


# --- all of it ---------------------------------------------------------------------------------


def tell(text: str) -> None:
    """Say what is going on."""
    print(f"\r{text:40}", end="", file=sys.stderr, flush=True)


def run(folder: Path, *, quick: bool) -> list[str]:
    """Measure and print the medians; the rows of all budgets."""
    python = sys.executable
    kzt = str(Path(python).with_name("kzt"))

    def measured(title: str, contenders: list[Contender], count: int) -> dict[str, Run]:
        medians = rounds(contenders, count, tell) if contenders else {}
        if medians:
            print(table(title, medians))
        return medians

    def of(name: str) -> list[Contender]:
        return sized(kzt, python, folder, name)

    for count in (60, 1_000, 10_000, *([] if quick else [100_000])):
        tell(f"writing {count:,} events")
        # In a process of its own: Linux tells its size as that of every process started after.
        command = [python, "-m", "tests.bench.records", str(folder), str(count)]
        subprocess.run(command, cwd=CHECKOUT, check=True)
    few, many = (2, 5) if quick else (5, 15)
    rows = verdicts(START, measured("Starts", small(kzt, python), many))
    measured("60 events", of("60"), many)
    measured("1,000 events", of("1000"), few if quick else many)
    large = measured("10,000 events, rich", of("10000") + editing(kzt, folder), few)
    rows += verdicts(RICH, large)
    rows += verdicts(LEAN, measured("10,000 events, lean", of("10000-lean"), few))
    rows += verdicts(MERGE, measured("Merging", merging(kzt, python, folder), few))
    rows += verdicts(INTAKE, measured("Many at once", intake(kzt, folder), few))
    rows += log_row(measured("History", history(kzt, folder), few))
    tell("the gate")
    cost = gate(python, folder / "10000.toml", 10 if quick else 30)
    rows.append(held("the gate, kzt list", cost, "kzt list", MOST_FOR_THE_GATE))
    if not quick:
        grown = [contender for contender in of("100000") if contender.name in GROWN]
        rows += growth(large, measured("100,000 events, rich", grown, few))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no 100,000 events")
    missing = sorted({package for tool, package in PACKAGES.items() if not shutil.which(tool)})
    quick = parser.parse_args().quick
    if missing:
        print(f"Left out for want of it: apt-get install {' '.join(missing)}")
    with tempfile.TemporaryDirectory() as name:
        rows = run(Path(name), quick=quick)
    print("\n| Budget | Measured | At most | Holds |\n| --- | --- | ---: | --- |")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
