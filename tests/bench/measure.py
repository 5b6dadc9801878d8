"""Processes measured beside one another, and the budgets that their medians are held to.

Every number is a median of rounds in which all contenders run once, one after the other, so that
a busy moment hits all of them. Budgets are ratios for the same reason.
"""

import os
import pty
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


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
    rounds: int = 99
    """The slowest says as much in two rounds as in five."""


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


def rounds(
    contenders: Sequence[Contender], count: int, tell: Callable[[str], None]
) -> dict[str, Run]:
    """The medians of so many interleaved rounds, after one that fills the caches."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(count + 1):
        tell(f"round {number} of {count}")
        for contender in contenders:
            if number > contender.rounds:
                continue
            run = measure(contender)
            if number:
                runs[contender.name].append(run)
    return {
        name: Run(statistics.median(r.seconds for r in found), max(r.kilobytes for r in found))
        for name, found in runs.items()
    }


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
            rows.append(held(budget.told, one / other, budget.other, budget.most))
    return rows


def held(told: str, ratio: float, other: str, most: float) -> str:
    """A budget line as a row: so many times the other, the most it may be, whether it holds."""
    holds = "yes" if ratio <= most else "**no**"
    return f"| {told} | {ratio:.2f} × {other} | {most:.2f} | {holds} |"
