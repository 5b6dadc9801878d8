"""Fuzz for a while, with atheris where it is installed, and with seeded mutants everywhere.

python -m tests.fuzz --seconds 60       half of it with atheris
python -m tests.fuzz --seed 12345       one mutant again
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.fuzz.mutants import bases, mutant, mutate
from tests.fuzz.target import events, exercise


def seeded(seconds: float, start: int) -> int:
    """Exercise mutants one after the other; the number of those that failed."""
    end = time.monotonic() + seconds
    seed, failed, valid = start, 0, 0
    while time.monotonic() < end and failed < 20:
        data = mutant(seed)
        try:
            exercise(data)
        except Exception:
            traceback.print_exc()
            print(f"again with: python -m tests.fuzz --seed {seed}", file=sys.stderr)
            failed += 1
        valid += events(data) is not None
        seed += 1
    print(f"{seed - start:,} mutants, {valid:,} of them valid records; {failed} failed")
    return failed


def guided() -> None:
    """Let atheris look for inputs that reach new code; never returns."""
    import atheris

    with atheris.instrument_imports(include=["kztimeline"]):
        for name in [name for name in sys.modules if name.split(".")[0] == "kztimeline"]:
            del sys.modules[name]
        from tests.fuzz import mutants, target

        importlib.reload(target)
        importlib.reload(mutants)

    def mutator(data: bytes, size: int, seed: int) -> bytes:
        if seed % 5 == 0:
            return bytes(atheris.Mutate(data, size))
        text = mutate(data.decode("utf-8", "replace"), seed)
        return text.encode("utf-8", "replace")[:size]

    atheris.Setup(sys.argv, target.exercise, custom_mutator=mutator)
    atheris.Fuzz()


def with_atheris(seconds: float) -> int:
    """Run atheris in a process of its own, from the records that mutants are made of."""
    with tempfile.TemporaryDirectory() as name:
        for number, text in enumerate(dict.fromkeys(bases())):
            Path(name, str(number)).write_text(text, "utf-8")
        command = [sys.executable, "-m", "tests.fuzz", "--guided", name]
        options = [f"-max_total_time={int(seconds)}", "-max_len=40000", "-timeout=10"]
        limits = ["-rss_limit_mb=1000", f"-artifact_prefix={tempfile.gettempdir()}/"]
        return subprocess.run([*command, *options, *limits], check=False).returncode


def main() -> None:
    """Fuzz, and exit with 1 if something was found."""
    if "--guided" in sys.argv:
        sys.argv.remove("--guided")
        guided()
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--start", type=int, default=int(time.time()), help="the first seed")
    parser.add_argument("--seed", type=int, help="exercise one mutant")
    asked = parser.parse_args()
    if asked.seed is not None:
        exercise(mutant(asked.seed))
        return
    if importlib.util.find_spec("atheris") is None:
        print("without atheris, which is not installed: seeded mutants only")
        failed = seeded(asked.seconds, asked.start)
    else:
        failed = seeded(asked.seconds / 2, asked.start) + with_atheris(asked.seconds / 2)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
