"""Completion through the shells' own protocol, and nothing in it that a shell would run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from kztimeline.cli import completion
from kztimeline.renderers.views import VIEWS
from tests.conftest import SMALL, Repository, environment

# One interpreter imports `kzt` and forks for each command line to complete.
FORKS = """
import os, sys

from kztimeline.cli.app import main

shell, *lines = sys.argv[1:]
os.environ["_KZT_COMPLETE"] = f"complete_{shell}"
os.environ["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
for line in lines:
    sys.stdout.write("\\f")
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.environ["COMP_WORDS"] = os.environ["_TYPER_COMPLETE_ARGS"] = line
        os.environ["COMP_CWORD"] = str(len(line.split(" ")) - 1)
        sys.argv = ["kzt"]
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        sys.stdout.flush()
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, line
"""


def completed(
    *lines: str, shell: str, cwd: Path, env: Mapping[str, str] | None = None
) -> list[str]:
    """What `kzt` offers a shell for each line; checks that it says nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", FORKS, shell, *lines],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().split("\f")[1:]


def words(offered: str) -> list[str]:
    """The candidates in what a shell is offered."""
    inner = re.fullmatch(r"_arguments '\*: :\(\((.*)\)\)'\n", offered, re.DOTALL)
    if inner:
        return re.findall(r'^"([^"]*)"', inner[1], re.MULTILINE)
    return [] if offered == "_files\n" else [word.split("\t")[0] for word in offered.split()]


OFFERED = {
    "kzt list --topic ": ["assembly", "expression", "un"],
    "kzt list -t e": ["expression"],
    'kzt list -t "e': ["expression"],
    "kzt list --matter l": ["libel"],
    "kzt list --source ": ["ministry-2021", "bureau-2011", "daily-2021"],
    "kzt list --kind la": ["law"],
    "kzt list --perspective o": ["official", "opinion"],
    "kzt list --status ": ["occurred", "scheduled", "alleged"],
    "kzt list --sort ": ["date", "title", "kind", "id"],
    "kzt timeline --by ": ["topic", "matter", "kind", "perspective"],
    "kzt list --format ": ["table", "plain", "tsv", "md", "docx", "json", "ids"],
    "kzt export ": [*VIEWS["export"]],
    "kzt show 2020": ["2020-assembly-law", "2020-libel"],
    "kzt show l": ["libel"],
    "kzt list --rev ": ["main", "topic/one", "v1.0"],
    "kzt diff ": ["main", "topic/one", "v1.0"],
    "kzt diff main v": ["v1.0"],
    "kzt list --rev main --topic a": ["assembly"],
    "kzt list --rev nope --topic a": [],
    "kzt list --file missing --topic a": [],
    "kzt list --file - --topic a": [],
    "kzt list --topic x": [],
    "kzt show \x1b[31m": [],
    "kzt show '": ["2005-draft"],
}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_names_complete(shell: str, repository: Repository) -> None:
    repository.commit(SMALL.read_text("utf-8"))
    repository.git("branch", "topic/one")
    repository.git("tag", "v1.0")
    offered = completed(*OFFERED, shell=shell, cwd=repository.folder)
    found = {line: words(text) for line, text in zip(OFFERED, offered, strict=True)}
    found["kzt show '"] = found["kzt show '"][:1]
    assert found == OFFERED


BROKEN = {
    "syntax": b"[topic\n",
    "encoding": b"\xff\n",
    "slugs": b"[topic]\n'$(reboot)' = 'x'\n'a b' = 'x'\n",
    "nothing": b"",
}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_broken_record_completes_to_nothing(shell: str, tmp_path: Path) -> None:
    lines = []
    for name, data in BROKEN.items():
        (tmp_path / name).write_bytes(data)
        lines.append(f"kzt list --file {name} --topic ")
    os.mkfifo(tmp_path / "fifo")
    lines += [f"kzt list --file {name} --topic " for name in ("fifo", "/dev/zero", ".", "none")]
    lines += ["kzt show --file fifo ", "kzt list --file none --rev ", "kzt diff --file /x/y/z "]
    for offered in completed(*lines, shell=shell, cwd=tmp_path, env={"KZT_FILE": "fifo"}):
        assert words(offered) == []


# git forbids control characters, spaces and \ in branches, but not the rest of what shells obey.
HOSTILE_BRANCHES = [
    "$(touch${IFS}pwned)",
    "`touch${IFS}pwned`",
    "a;touch${IFS}pwned",
    "a&touch",
    "a|touch",
    "a>pwned",
    "a'b",
    'a"b',
    "a#b",
    "a!b",
    "a(b)",
    "{a,b}",
    "$HOME",
    "нет",
    "a\u202eb",
    "a\x9b31mb",
    "a\u2028main",
]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_branch_reaches_no_shell_as_more_than_a_word(shell: str, repository: Repository) -> None:
    repository.commit(SMALL.read_text("utf-8"))
    for branch in HOSTILE_BRANCHES:
        repository.git("update-ref", f"refs/heads/{branch}", "HEAD")
    repository.git("update-ref", "refs/heads/--output=pwned", "HEAD")
    for offered in completed("kzt diff ", "kzt list --rev ", shell=shell, cwd=repository.folder):
        assert words(offered) == ["main"]
    # The oracle would see them: this is what a naive completion offers.
    naive = repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads")
    assert set(HOSTILE_BRANCHES) <= set(naive.split("\n"))


@pytest.mark.parametrize("name", ["a\nb", "a b", "a\\b", "", "-x", "a\x1b[31m", "é", "a\n"])
def test_only_harmless_names_are_offered(name: str) -> None:
    assert completion._harmless([name, "fine-1.0/x"]) == ["fine-1.0/x"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes(repository: Repository, tmp_path: Path) -> None:
    repository.commit(SMALL.read_text("utf-8"))
    repository.git("update-ref", "refs/heads/$(touch${IFS}pwned)", "HEAD")
    program = tmp_path / "bin/kzt"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m kztimeline "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(kzt --show-completion bash)"\n'
        'COMP_WORDS=(kzt diff ""); COMP_CWORD=2; COMP_LINE="kzt diff "\n'
        "function=$(complete -p kzt | sed 's/.*-F \\([^ ]*\\) .*/\\1/')\n"
        '"$function" kzt; printf "<%s>" "${COMPREPLY[@]}"\n'
    )
    env = environment({"PATH": f"{program.parent}:{os.environ['PATH']}"})
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=repository.folder,
        env=env,
        capture_output=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"<main>", b"")
    assert not (repository.folder / "pwned").exists()
