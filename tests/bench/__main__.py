"""Measure `kzt` beside other tools, interleaved, and say which budget lines hold.

Every number is a median of rounds in which all contenders run once, one after the other, so that
a busy moment hits all of them. Budgets are ratios for the same reason. Nothing is installed:
contenders that are missing are named, with the package that has them.

    python -m tests.bench           the whole, some twenty minutes
    python -m tests.bench --quick   fewer rounds, without the 100,000 events
"""

import argparse
import os
import pty
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parents[2]
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


class Run(NamedTuple):
    """What one process took."""

    seconds: float
    kilobytes: int


class Contender(NamedTuple):
    """A command to measure, perhaps on a pseudo-terminal."""

    name: str
    command: Sequence[str]
    terminal: bool = False
    env: Mapping[str, str] = {}


class Budget(NamedTuple):
    """A ratio of two medians, of seconds or of peak memory, and the most it may be."""

    told: str
    one: str
    other: str
    most: float
    what: str = "seconds"


def measure(contender: Contender) -> Run:
    """Run a contender once, its output read and thrown away."""
    env = {**os.environ, "COLUMNS": "100", **contender.env}
    # Compiled once, as for everyone who installs the tool.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    if contender.terminal:
        reader, writer = pty.openpty()
        process = subprocess.Popen(
            contender.command, stdout=writer, stderr=writer, stdin=writer, env=env
        )
        os.close(writer)
    else:
        reader, writer = os.pipe()
        process = subprocess.Popen(
            contender.command, stdout=writer, stderr=writer, stdin=subprocess.DEVNULL, env=env
        )
        os.close(writer)
    while _read(reader):
        pass
    os.close(reader)
    _, _, usage = os.wait4(process.pid, 0)
    return Run(time.perf_counter() - start, usage.ru_maxrss)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 20)
    except OSError:
        return b""


def small(kzt: str, python: str, folder: Path) -> list[Contender]:
    """Starts, on the shipped record and on 60 events."""
    record = str(CHECKOUT / "events.toml")
    complete = {
        "_KZT_COMPLETE": "complete_bash",
        "COMP_WORDS": "kzt list --kind l",
        "COMP_CWORD": "3",
    }
    return [
        Contender("python -c pass", [python, "-c", "pass"]),
        Contender("REF", [python, "-c", "import typer, rich.table, rich.console"]),
        Contender("kzt list, pipe", [kzt, "list", "--file", record]),
        Contender("kzt list, terminal", [kzt, "list", "--file", record], terminal=True),
        Contender("kzt show", [kzt, "show", "2020-assembly-law", "--file", record]),
        Contender("kzt --version", [kzt, "--version"]),
        Contender("kzt --help", [kzt, "--help"]),
        Contender("kzt list --bogus", [kzt, "list", "--bogus"]),
        Contender("completion", [kzt], env=complete),
        *sized(kzt, python, folder, 60),
    ]


def sized(kzt: str, python: str, folder: Path, count: int) -> list[Contender]:
    """The same questions on a record of so many events, to every tool that is there."""

    def file(kind: str) -> str:
        return str(folder / f"{count}{kind}")

    jq = f'.[] | select(.topics | index("{TOPIC}")) | [.date, .id, .title] | @tsv'
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
        Contender(
            "recsel",
            [
                "recsel",
                "-S",
                "Date",
                "-e",
                f"Topic = '{TOPIC}'",
                "-p",
                "Date,Id,Title",
                file(".rec"),
            ],
        ),
        Contender("jq", ["jq", "-r", jq, file(".json")]),
        Contender(
            "mlr", ["mlr", "--ijson", "--opprint", "cut", "-f", "date,id,title", file(".json")]
        ),
        Contender("hledger", ["hledger", "-f", file(".journal"), "print", f"tag:{TOPIC}"]),
    ]
    # It compares every key with every other one: minutes beyond this size.
    if count <= 10_000:
        contenders.append(Contender("recfix --check", ["recfix", "--check", file(".rec")]))
    return [c for c in contenders if Path(c.command[0]).is_absolute() or shutil.which(c.command[0])]


def rounds(
    contenders: Sequence[Contender], count: int, tell: Callable[[str], None]
) -> dict[str, Run]:
    """The medians of so many interleaved rounds, after one that fills the caches."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(count + 1):
        tell(f"round {number} of {count}")
        for contender in contenders:
            # The slowest says as much in two rounds as in five.
            if contender.name == "recfix --check" and number > 2:
                continue
            run = measure(contender)
            if number:
                runs[contender.name].append(run)
    return {
        name: Run(statistics.median(r.seconds for r in found), max(r.kilobytes for r in found))
        for name, found in runs.items()
    }


START = [
    Budget("kzt list, shipped record, to a pipe", "kzt list, pipe", "REF", 0.80),
    Budget("kzt list, shipped record, to a terminal", "kzt list, terminal", "REF", 1.20),
    Budget("kzt --version", "kzt --version", "REF", 0.85),
    Budget("kzt --help", "kzt --help", "REF", 0.85),
    Budget("a usage error", "kzt list --bogus", "REF", 0.85),
    Budget("a completion", "completion", "REF", 0.85),
]
LARGE = [
    Budget("kzt list --topic, 10,000 events", "kzt list --topic", "recsel", 0.75),
    Budget("kzt check, 10,000 events", "kzt check", "kzt list --topic", 3.0),
    Budget("kzt check, 10,000 events", "kzt check", "recfix --check", 0.1),
    Budget("kzt diff, 10,000 events each side", "kzt diff", "reading both", 2.0),
    Budget("peak memory, 10,000 events", "kzt list --topic", "recsel", 1.5, "kilobytes"),
]
GROWN = ("kzt list", "kzt check", "kzt diff", "kzt export md", "kzt export json")


# `kzt` with every function of the gate replaced by one that lets all pass, or as it is.
GATE = """
import sys
from kztimeline import text
if sys.argv.pop(1) == "without":
    text.line = text.cells = text.page = text.defuse = text.json_text = lambda raw: raw
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


def table(title: str, medians: Mapping[str, Run]) -> str:
    """Medians as a Markdown table."""
    rows = [
        f"| {name} | {run.seconds * 1000:,.0f} | {run.kilobytes / 1024:,.0f} |"
        for name, run in medians.items()
    ]
    return "\n".join(
        [f"\n**{title}**\n", "| Command | ms | peak MB |", "| --- | ---: | ---: |", *rows]
    )


def verdicts(budgets: Sequence[Budget], medians: Mapping[str, Run]) -> list[str]:
    """Each budget line as a row: ratio, the most it may be, whether it holds."""
    rows = []
    for budget in budgets:
        if budget.one in medians and budget.other in medians:
            one, other = (
                getattr(medians[name], budget.what) for name in (budget.one, budget.other)
            )
            ratio = one / other
            holds = "yes" if ratio <= budget.most else "**no**"
            rows.append(
                f"| {budget.told} | {ratio:.2f} × {budget.other} | {budget.most:.2f} | {holds} |"
            )
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no 100,000 events")
    quick = parser.parse_args().quick
    python = sys.executable
    kzt = str(Path(python).with_name("kzt"))
    missing = sorted({package for tool, package in PACKAGES.items() if not shutil.which(tool)})
    if missing:
        print(f"Left out for want of it: apt-get install {' '.join(missing)}")

    def tell(text: str) -> None:
        print(f"\r{text:40}", end="", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in (60, 1_000, 10_000, *([] if quick else [100_000])):
            tell(f"writing {count:,} events")
            # In a process of its own: Linux tells its size as that of every process started after.
            subprocess.run(
                [python, "-m", "tests.bench.records", name, str(count)], cwd=CHECKOUT, check=True
            )
        starts = rounds(small(kzt, python, folder), 5 if quick else 15, tell)
        print(table("Shipped record and 60 events", starts))
        print(
            table(
                "1,000 events", rounds(sized(kzt, python, folder, 1_000), 3 if quick else 15, tell)
            )
        )
        large = rounds(sized(kzt, python, folder, 10_000), 2 if quick else 5, tell)
        print(table("10,000 events", large))
        rows = verdicts(START, starts) + verdicts(LARGE, large)
        tell("the gate")
        cost = gate(python, folder / "10000.toml", 10 if quick else 30)
        holds = "yes" if cost <= MOST_FOR_THE_GATE else "**no**"
        rows.append(f"| the gate, kzt list, 10,000 events | {cost:.1%} | 10 % | {holds} |")
        if not quick:
            huge = rounds(
                [c for c in sized(kzt, python, folder, 100_000) if c.name in GROWN], 5, tell
            )
            print(table("100,000 events", huge))
            for name in GROWN:
                for what, most in (("seconds", 12.0), ("kilobytes", 11.0)):
                    ratio = getattr(huge[name], what) / getattr(large[name], what)
                    holds = "yes" if ratio <= most else "**no**"
                    rows.append(
                        f"| {name}, 100,000 events ({what}) | {ratio:.1f} × 10,000 | {most:.0f} | {holds} |"
                    )
    print("\n| Budget | Measured | At most | Holds |\n| --- | --- | ---: | --- |")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
