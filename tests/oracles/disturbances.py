"""Runs that are killed, starved or raced at each of their system calls, and what they leave behind.

Kill points and failures are walked with strace.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.conftest import CHECKOUT, SMALL, Result, environment

NAIVE = Path(__file__).with_name("naive_writer.py")
# The binary itself, not a shim that starts it, with all that this one can import.
PYTHON = str(Path(sys.executable).resolve())
ENVIRONMENT = environment(
    {
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT), *(p for p in sys.path if "packages" in p)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }
)
EVENT = {
    "id": "2020-new",
    "date": "2020-06",
    "title": "A new event",
    "kind": "law",
    "topics": ["assembly"],
    "summary": "Something new.",
    "sources": [{"source": "ministry-2021", "at": "annex"}],
}


class Command(NamedTuple):
    """What edits a file, and what it reads meanwhile."""

    arguments: tuple[str, ...]
    stdin: bytes = b""

    def run(self, folder: Path, *before: str) -> Result:
        """Run it, perhaps under another program."""
        command = [*before, PYTHON, *self.arguments]
        return Result(
            subprocess.run(
                command,
                cwd=folder,
                env=ENVIRONMENT,
                input=self.stdin,
                capture_output=True,
                check=False,
            )
        )


def adding(identity: str = "2020-new") -> Command:
    event = json.dumps(EVENT | {"id": identity}).encode()
    return Command(("-m", "kztimeline", "add", "--json", "-", "--file", "events.toml"), event)


def folder_with_file(folder: Path) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    shutil.copyfile(SMALL, folder / "events.toml")
    return folder


def edited(folder: Path, command: Command) -> bytes:
    """What an undisturbed run makes of the file."""
    done = command.run(folder_with_file(folder))
    assert done.code == 0, done
    return (folder / "events.toml").read_bytes()


# --- strace ------------------------------------------------------------------------------------

# What changes something, or could fail after something was changed.
CALLS = (
    "openat", "flock", "write", "fchmod", "fchown", "fsync", "rename", "renameat", "renameat2",
    "link", "linkat", "unlink", "unlinkat", "ftruncate", "close",
)  # fmt: skip


def strace_works() -> bool:
    if not shutil.which("strace"):
        return False
    command = ["strace", "-f", "-qq", "-o", os.devnull, "-e", "trace=close", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def trace(folder: Path, command: Command) -> list[str]:
    """The calls of an undisturbed run, those that opened the file and all that followed."""
    log = folder / "trace"
    done = command.run(
        folder, "strace", "-f", "-qq", "-y", "-o", str(log), "-e", f"trace={','.join(CALLS)}"
    )
    assert done.code == 0, done
    lines = re.findall(r"^\d+ +(\w+\(.*)", log.read_text("utf-8", "replace"), re.MULTILINE)
    log.unlink()
    return lines


def first_touch(calls: Sequence[str]) -> int:
    """The first call from the lock on; of a writer without one, that opens the file."""
    locks = [i for i, call in enumerate(calls) if call.startswith("flock")]
    opened = [i for i, call in enumerate(calls) if '"events.toml"' in call]
    return (locks or opened)[0]


@dataclass
class Disturbed:
    """What a run that was disturbed at one call left behind."""

    call: str
    number: int
    result: Result
    content: bytes
    others: list[str]
    """Other files in the folder."""

    def __str__(self) -> str:
        return f"{self.call} {self.number}: {self.result}"


def walk(work: Path, command: Command, disturbance: str) -> list[Disturbed]:
    """Disturb a run at each call from the lock on, one run for each."""
    calls = trace(folder_with_file(work / "trace"), command)
    start = first_touch(calls)
    names = [call.partition("(")[0] for call in calls]

    def walk_one(name: str) -> Iterator[Disturbed]:
        for number in count(names[:start].count(name) + 1):
            folder = folder_with_file(work / f"{name}-{number}")
            log = work / f"{name}-{number}.log"
            inject = f"inject={name}:{disturbance}:when={number}"
            strace = ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={name}")
            done = command.run(folder, *strace, "-e", inject)
            content = (folder / "events.toml").read_bytes()
            others = sorted(path.name for path in folder.iterdir() if path.name != "events.toml")
            if "INJECTED" not in log.read_text(
                "utf-8", "replace"
            ) and "SIGKILL" not in log.read_text("utf-8", "replace"):
                assert done.code == 0
                return
            yield Disturbed(name, number, done, content, others)

    with ThreadPoolExecutor(max_workers=4) as pool:
        walks = pool.map(lambda name: list(walk_one(name)), sorted({*names[start:]}))
        return [disturbed for walked in walks for disturbed in walked]


def torn(found: Sequence[Disturbed], old: bytes, new: bytes) -> list[str]:
    """The points at which the file is neither the old nor the new one."""
    return [str(one) for one in found if one.content not in (old, new)]


def silent(found: Sequence[Disturbed], old: bytes, new: bytes) -> list[str]:
    """The points whose failure is told wrongly: as success, as an error that wrote nothing, …"""
    wrong = []
    for one in found:
        told_success = one.result.code == 0
        if told_success and one.content != new:
            wrong.append(f"lost: {one}")
        elif not told_success and (one.result.code != 2 or one.result.err.count("\n") > 1):
            wrong.append(f"not one line: {one}")
        elif not told_success and one.content == new and "written" not in one.result.err:
            wrong.append(f"not told: {one}")
        elif not told_success and one.content == old and ": written" in one.result.err:
            wrong.append(f"told wrongly: {one}")
    return wrong


def violations(calls: Sequence[str]) -> list[str]:
    """What is missing of: write, fsync, rename, fsync of the folder, message; in that order."""
    steps = {
        "lock": r"flock\(\d+<[^>]*/events\.toml>, LOCK_EX\) = 0",
        "write": r"write\(\d+<[^>]*/\.[^/>]+>, .* = \d+",
        "fsync": r"fsync\(\d+<[^>]*/\.[^/>]+>\) = 0",
        "rename": r"rename\w*\(.*\"events\.toml\".* = 0",
        "fsync of the folder": r"fsync\(\d+<[^>]*/trace>\) = 0",
        "message": r"write\(1<.* = \d+",
    }
    missing = []
    at = 0
    for step, pattern in steps.items():
        found = [i for i, call in enumerate(calls) if re.match(pattern, call)]
        if not found or found[0] < at:
            missing.append(step)
        else:
            # All of a step comes before the next one begins.
            at = found[-1]
    return missing
