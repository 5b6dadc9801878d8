"""Many command lines in one go: one interpreter imports `kzt` and forks for each of them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.conftest import Result, environment

# Reads [[arguments, file for stdout, file for stderr], ...] and prints, of each, the exit code,
# the seconds of processor time and the peak memory. What takes much too long is ended.
FORKS = """
import json, os, resource, sys, traceback

from kztimeline.cli.app import main

cases = json.load(sys.stdin)
codes = []
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
for args, *outputs in cases:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        for number, name in enumerate(outputs, start=1):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), number)
        sys.argv = ["kzt", *args]
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc()
            code = 1
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code or 0)
    _, status, used = os.wait4(child, 0)
    seconds = used.ru_utime + used.ru_stime
    codes.append([os.waitstatus_to_exitcode(status), seconds, used.ru_maxrss >> 10])
print(json.dumps(codes))
"""


def run_all(
    commands: Iterable[tuple[str, ...]],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    script: str = FORKS,
) -> dict[tuple[str, ...], Result]:
    """What `kzt` does with each command line, as its own process with the same start."""
    commands = list(commands)
    with tempfile.TemporaryDirectory() as folder:
        outputs = [(f"{folder}/{i}.out", f"{folder}/{i}.err") for i in range(len(commands))]
        cases = [[args, *names] for args, names in zip(commands, outputs, strict=True)]
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=cwd,
            env=environment(env),
            input=json.dumps(cases).encode(),
            stdout=subprocess.PIPE,
            timeout=120,
            check=True,
        )
        return {
            args: Result(subprocess.CompletedProcess(args, code, *map(_bytes, names)), *used)
            for args, names, (code, *used) in zip(
                commands, outputs, json.loads(done.stdout), strict=True
            )
        }


def _bytes(name: str) -> bytes:
    return Path(name).read_bytes()


# What `kzt add` cannot do without.
OPTIONS = {
    "--date": "June 2020",
    "--title": "The law is amended",
    "--kind": "law",
    "--topic": "assembly",
    "--summary": "Fines are lowered.",
    "--source": "ministry-2021",
    "--at": "annex",
}


def options(**changed: str | None) -> list[str]:
    """Those options, with some of them changed or left out."""
    values = OPTIONS | {f"--{name}": value for name, value in changed.items()}
    return [word for name, value in values.items() if value is not None for word in (name, value)]
