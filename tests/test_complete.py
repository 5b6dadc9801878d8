"""Completion through the shells' own protocol, and nothing in it that a shell would run."""

import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from kztimeline.cli import completion
from kztimeline.files import git
from kztimeline.renderers.views import VIEWS
from tests.conftest import SMALL, Repository, Run, environment

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
    if offered.startswith("local -a kzt; kzt=("):
        inner = offered.removeprefix("local -a kzt; kzt=(").rpartition("); _describe")[0]
        return [word.partition(":")[0] for word in shlex.split(inner)]
    return [] if offered == "_files\n" else [row.split("\t")[0] for row in offered.splitlines()]


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
    "kzt list --rev ": ["HEAD", "main", "topic/one", "origin/main", "v1.0"],
    "kzt diff ": ["HEAD", "main", "topic/one", "origin/main", "v1.0"],
    "kzt diff HEAD o": ["origin/main"],
    'kzt list -q "it\'s" --topic a': ["assembly"],
    "kzt list --color never --topic a": ["assembly"],
    "kzt list --color ": ["auto", "always", "never"],
    "kzt list --color blue --topic a": ["assembly"],
    "kzt list --cert": ["--certain"],
    "kzt help da": ["dates"],
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
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
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
        assert words(offered) == ["HEAD", "main"]
    # The oracle would see them: this is what a naive completion offers.
    naive = repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads")
    assert set(HOSTILE_BRANCHES) <= set(naive.split("\n"))


@pytest.mark.parametrize("name", ["a\nb", "a b", "a\\b", "", "-x", "a\x1b[31m", "é", "a\n"])
def test_only_harmless_names_are_offered(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "names", lambda folder: [name, "fine-1.0/x"])
    assert completion.revisions(str(SMALL)) == ["HEAD", "fine-1.0/x"]


EQUALS = {
    ("bash", "kzt list --topic = as", 4): "assembly\n",
    ("bash", "kzt list --topic =", 3): "assembly\nexpression\nun\n",
    (
        "zsh",
        "kzt list --topic=as",
        2,
    ): "local -a kzt; kzt=('--topic=assembly:Peaceful assembly'); _describe -V candidate kzt\n",
    ("fish", "kzt list --topic=as", 2): "--topic=assembly\tPeaceful assembly\n",
}


@pytest.mark.parametrize(("shell", "line", "at"), EQUALS)
def test_an_option_and_its_value_in_one_word(shell: str, line: str, at: int, kzt: Run) -> None:
    """bash parts them; the others replace both."""
    env = {"COMP_WORDS": line, "COMP_CWORD": str(at), "_TYPER_COMPLETE_ARGS": line}
    more = {"_KZT_COMPLETE": f"complete_{shell}", "KZT_FILE": str(SMALL)}
    done = kzt(env={**env, **more, "_TYPER_COMPLETE_FISH_ACTION": "get-args"})
    assert (done.code, done.out, done.err) == (0, EQUALS[shell, line, at], "")


POWERSHELL = {
    "kzt list --topic as": "assembly::: \n",
    "kzt list --cert": "--certain:::Leave out what is only possibly in the period.\n",
}


@pytest.mark.parametrize("line", POWERSHELL)
def test_powershell_gets_names_alone_and_what_options_do(line: str, kzt: Run) -> None:
    word = line.split()[-1]
    env = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_WORD_TO_COMPLETE": word}
    done = kzt(env={**env, "_KZT_COMPLETE": "complete_pwsh", "KZT_FILE": str(SMALL)})
    assert (done.code, done.out, done.err) == (0, POWERSHELL[line], "")


# --- in the shells themselves ------------------------------------------------------------------

# What each shell would evaluate, unescape, expand or part at.
EVIL = '$(touch pwned) \\$(touch pwned) \\`touch pwned\\` ${HOME} It\'s: 100% "q" \\n \\\\ ;touch pwned'
RECORD = f"""
[topic]
assembly = {json.dumps(EVIL)}
asylum = "The people's asylum"
"""


@pytest.fixture
def checkout(repository: Repository) -> Path:
    """A repository with `kzt` in a folder bin, and hostile titles and branches."""
    repository.commit(RECORD)
    repository.git("update-ref", "refs/heads/$(touch${IFS}pwned)", "HEAD")
    program = repository.folder / "bin/kzt"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m kztimeline "$@"\n')
    program.chmod(0o755)
    return repository.folder


def home(checkout: Path) -> dict[str, str]:
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    return environment({"PATH": path, "HOME": str(checkout), "TERM": "xterm", "PS1": "> "})


def installed(shell: str, checkout: Path) -> None:
    command = [shell, "-c", "kzt --install-completion; true"]
    done = subprocess.run(command, cwd=checkout, env=home(checkout), capture_output=True, text=True)
    assert f"{shell} completion installed" in done.stdout, done.stderr


def typed(shell: str, checkout: Path, keys: str, until: str) -> str:
    """What an interactive shell shows after keys, without its own escape sequences."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(checkout)
        os.execvpe(shell, [shell, "-i"], home(checkout))
    out, end, sent = b"", time.monotonic() + 15, False
    while time.monotonic() < end and until.encode() not in out:
        if select.select([descriptor], [], [], 0.2)[0]:
            out += os.read(descriptor, 65536)
        elif not sent and b"> " in out:
            os.write(descriptor, keys.encode())
            sent = True
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(descriptor)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.decode("utf-8", "replace"))


needs = {
    shell: pytest.mark.skipif(shutil.which(shell) is None, reason=f"needs {shell}")
    for shell in ("bash", "zsh", "fish")
}


@needs["zsh"]
@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (
            "kzt list --topic as\t",
            [f"assembly  -- {EVIL}"[:60], "asylum    -- The people's asylum"],
        ),
        ("kzt list --topic=ass\t", ["kzt list --topic=assembly"]),
        ("kzt list --topic 'asy\t", ["kzt list --topic 'asylum'"]),
        ("kzt diff HE\t", ["kzt diff HEAD"]),
        ("kzt sta\t\t", ["Count events by year"]),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_the_first_tab_in_a_new_zsh(keys: str, shown: list[str], checkout: Path) -> None:
    installed("zsh", checkout)
    out = typed("zsh", checkout, keys, shown[-1])
    assert all(text in out for text in shown), out
    assert not [*checkout.rglob("pwned")]


@needs["zsh"]
def test_a_naive_description_runs_in_zsh(checkout: Path) -> None:
    """What typer prints with a title as its help, evaluated as its script for zsh does."""
    from typer._click.shell_completion import CompletionItem
    from typer._completion_classes import ZshComplete

    item = CompletionItem("assembly", help=r"\$(touch pwned)")
    naive = f"_arguments '*: :(({ZshComplete.format_completion(None, item)}))'"  # type: ignore[arg-type]
    script = f'_arguments() {{ eval "ws=( ${{1[7,-3]}} )" }}; eval {shlex.quote(naive)}'
    subprocess.run(["zsh", "-c", script], cwd=checkout, env=home(checkout), capture_output=True)
    assert [*checkout.rglob("pwned")]


@needs["fish"]
@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("kzt list --topic as", [f"assembly\t{EVIL}", "asylum\tThe people's asylum"]),
        ("kzt list --topic=ass", [f"--topic=assembly\t{EVIL}"]),
        ("kzt diff ", ["HEAD", "main"]),
        ("kzt list --cert", ["--certain\tLeave out what is only possibly in the period."]),
    ],
)  # fmt: skip
def test_fish_itself_completes(line: str, shown: list[str], checkout: Path) -> None:
    installed("fish", checkout)
    command = ["fish", "-c", f"complete -C {shlex.quote(line)}"]
    done = subprocess.run(command, cwd=checkout, env=home(checkout), capture_output=True, text=True)
    assert sorted(done.stdout.splitlines()) == sorted(shown)
    assert not [*checkout.rglob("pwned")]


@needs["bash"]
@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("kzt list --topic asy\t", "kzt list --topic asylum"),
        ("kzt list --topic=asy\t", "kzt list --topic=asylum"),
        ('kzt list -q "it\'s" --topic asy\t', "--topic asylum"),
        ("kzt diff HE\t", "kzt diff HEAD"),
        ("kzt diff \t\t", "HEAD  main"),
    ],
)
def test_bash_itself_completes(keys: str, shown: str, checkout: Path) -> None:
    (checkout / ".bashrc").write_text('PS1="> "; eval "$(kzt --show-completion)"\n')
    assert shown in typed("bash", checkout, keys, shown)
    assert not [*checkout.rglob("pwned")]
