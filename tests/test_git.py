"""Files at a revision: what is refused, and a hostile repository that gets nothing run."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kztimeline.files import git, place
from kztimeline.text.errors import KztError
from tests.conftest import SMALL, Repository, Run, environment

TEXT = SMALL.read_text("utf-8")
OLD = "# the first commit\n"
NEW = "# the second commit\n"
LIMIT = 1_000

SHALLOW = " (the clone is shallow: git fetch --unshallow)"

# Names that git would give a meaning to.
READ = ["sub/deep/events.toml", "a b\n*.toml", "-x.toml", ":(top)events.toml", ":!x", "?.toml"]


# --- revisions ---------------------------------------------------------------------------------

GOOD = {
    "HEAD": NEW,
    "@": NEW,
    "main": NEW,
    "refs/heads/main": NEW,
    "HEAD^0": NEW,
    "HEAD^{commit}": NEW,
    "HEAD@{0}": NEW,
    "main~1": OLD,
    "HEAD^": OLD,
    "2020": OLD,
    "v1": OLD,
    "v1^{}": OLD,
    "HEAD@{1 second ago}": NEW,
    "HEAD~1:events.toml": OLD,
    "main:sub/deep/events.toml": "# 'sub/deep/events.toml'\n",
    "main:./events.toml": NEW,
}


@pytest.mark.parametrize("revision", GOOD)
def test_a_revision_is_read(revision: str, history: Repository) -> None:
    blob = git.read(history.folder / "events.toml", revision, LIMIT)
    assert blob.data.decode() == GOOD[revision]
    assert blob.commit == history.git("rev-parse", f"{revision.partition(':')[0]}^{{commit}}")


NOT_ONE = '"{}" is not a git revision'
NOT_THERE = 'no revision "{}" in this repository'
BAD = {
    "": NOT_ONE,
    "-x": NOT_ONE,
    "--": NOT_ONE,
    "--output=pwned": NOT_ONE,
    "--upload-pack=touch": NOT_ONE,
    "^HEAD": NOT_ONE,
    ":": NOT_ONE,
    ":/second": NOT_ONE,
    # Regular expressions: one from a stranger can take minutes.
    "HEAD^{/second}": NOT_ONE,
    "HEAD^0^{/second}": NOT_ONE,
    "HEAD^{/nothing}": NOT_ONE,
    ":0:events.toml": NOT_ONE,
    "HEAD events.toml": NOT_ONE,
    " HEAD": NOT_ONE,
    "HEAD\n": NOT_ONE,
    "HEAD\0": NOT_ONE,
    "\x1b[31m": NOT_ONE,
    "\x9b31m": NOT_ONE,
    "HEAD\u202e": NOT_ONE,
    "HEAD\u2028": NOT_ONE,
    "\udcff": NOT_ONE,
    "$(touch pwned)": NOT_ONE,
    "x" * 10_000: f'"{"x" * 79}…" is not a git revision',
    "HEAD" + "^" * 10_000: f'"HEAD{"^" * 75}…" is not a git revision',
    "HEAD" + "^" * 500: f'no revision "HEAD{"^" * 75}…" in this repository',
    "nope": NOT_THERE,
    "нет": NOT_THERE,
    "0" * 40: NOT_THERE,
    "@{-1}": NOT_THERE,
    "@{upstream}": NOT_THERE,
    "HEAD@{99}": NOT_THERE,
    "HEAD^9": NOT_THERE,
    "HEAD~99999999999": NOT_THERE,
    "HEAD^{tree}": NOT_THERE,
    "HEAD^{": NOT_THERE,
    "HEAD^@": NOT_THERE,
    "main..2020": NOT_THERE,
    "main...2020": NOT_THERE,
    "../../config": NOT_THERE,
    "`touch${IFS}pwned`": NOT_THERE,
    ";touch": NOT_THERE,
    "*": NOT_THERE,
}


@pytest.mark.parametrize("revision", BAD, ids=lambda revision: ascii(revision)[:30])
def test_a_revision_is_never_anything_else(revision: str, history: Repository) -> None:
    before = sorted(history.folder.iterdir())
    told = refused(history.folder / "events.toml", revision)
    assert told == BAD[revision].format(revision)
    assert sorted(history.folder.iterdir()) == before


def test_a_naive_git_show_takes_a_revision_for_an_option(repository: Repository) -> None:
    repository.commit(OLD)
    repository.git("show", "--output=pwned:events.toml")
    assert (repository.folder / "pwned:events.toml").exists()


def test_a_naive_rev_parse_takes_what_is_no_commit(history: Repository) -> None:
    assert history.git("rev-parse", "--verify", "^HEAD^{commit}").startswith("^")


# --- paths -------------------------------------------------------------------------------------

UNREAD = {
    "nope.toml": 'nope.toml: not in revision "HEAD"',
    "no/folder.toml": 'no/folder.toml: not in revision "HEAD"',
    "events.toml/x": 'events.toml/x: not in revision "HEAD"',
    "*.toml": '*.toml: not in revision "HEAD"',
    "link.toml": 'link.toml: a symbolic link in revision "HEAD"',
    "sub": 'sub: a folder in revision "HEAD"',
    "submodule": 'submodule: a submodule in revision "HEAD"',
    "large.toml": 'large.toml: larger than 0 MiB in revision "HEAD"',
    ".": ".: not the path of a file",
    "..": "..: not the path of a file",
    "no/../events.toml": "no/../events.toml: not the path of a file",
    ".git/config": ".git: a bare git repository, not the working tree of one",
    "/dev/null": "/dev: not in a git repository, so there are no revisions",
}


@pytest.mark.parametrize("name", READ)
def test_a_path_is_only_a_path(
    name: str, history: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(history.folder)
    assert git.read(Path(name), "HEAD", LIMIT).data.decode() == f"# {name!r}\n"
    assert git.read(Path("sub", "..", name), "HEAD", LIMIT).data.decode() == f"# {name!r}\n"


@pytest.mark.parametrize("name", UNREAD)
def test_only_a_regular_file_is_read(
    name: str, history: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(history.folder)
    assert refused(Path(name), "HEAD") == UNREAD[name]


def test_a_naive_git_show_reads_what_is_no_file(history: Repository) -> None:
    assert history.git("show", "HEAD:link.toml") == "/etc/passwd"
    assert history.git("show", "HEAD:sub").startswith("tree HEAD:sub")


def test_a_folder_may_be_gone_since(repository: Repository) -> None:
    repository.commit(OLD, "sub/deep/events.toml")
    shutil.rmtree(repository.folder / "sub")
    path = repository.folder / "sub/deep/events.toml"
    assert git.read(path, "HEAD", LIMIT).data.decode() == OLD


# --- repositories that have no revisions, and worlds without git -------------------------------


def test_what_has_no_revisions_says_why(
    history: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(folder: str, revision: str = "HEAD") -> str:
        monkeypatch.chdir(tmp_path / folder)
        return refused(Path("events.toml"), revision)

    (tmp_path / "plain").mkdir()
    assert told("plain") == ".: not in a git repository, so there are no revisions"
    (tmp_path / "unborn").mkdir()
    Repository(tmp_path / "unborn")
    assert told("unborn") == 'no revision "HEAD": the current branch has no commit yet'
    assert told("unborn", "x") == 'no revision "x": the current branch has no commit yet'
    origin = f"file://{history.folder}"
    history.git("clone", "--quiet", "--depth=1", origin, str(tmp_path / "shallow"))
    assert told("shallow", "HEAD^") == f'no revision "HEAD^" in this repository{SHALLOW}'
    history.git("clone", "--quiet", "--bare", origin, str(tmp_path / "bare"))
    assert told("bare") == ".: a bare git repository, not the working tree of one"
    Repository(tmp_path / "unborn").git("config", "core.bare", "true")
    assert told("unborn") == ".: not in the working tree of its git repository"
    (tmp_path / "unborn/.git/config").write_text("[core\n")
    assert told("unborn") == ".: git: bad config line 1 in file .git/config"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_repository_of_another_user_is_not_trusted(repository: Repository) -> None:
    repository.commit(OLD)
    for path in (repository.folder, repository.folder / ".git"):
        os.chown(path, 12345, 12345)
    assert refused(repository.folder / "events.toml", "HEAD") == (
        f"{repository.folder}: the git repository belongs to another user"
        " (git config --global --add safe.directory FOLDER trusts it)"
    )


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_worlds_without_a_working_git(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(OLD)
    path = repository.folder / "events.toml"
    fake = executable(tmp_path / "bin/git", "not a program\0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(path, "HEAD") == "git is not installed, and revisions need it"
    monkeypatch.setenv("PATH", str(fake.parent))
    assert refused(path, "HEAD") == f"{repository.folder}: can't run git: Exec format error"
    executable(fake, "#!/bin/sh\n/bin/sleep 60\n")
    monkeypatch.setattr(git, "SECONDS", 0.2)
    assert refused(path, "HEAD") == f"{repository.folder}: git did not answer within 0.2 seconds"


def test_content_that_is_not_in_the_clone_is_missed(repository: Repository) -> None:
    repository.commit(OLD)
    path = repository.folder / "events.toml"
    forget(repository, "HEAD:events.toml")
    told = refused(path, "HEAD")
    assert told == f'{path}: its content at revision "HEAD" is not in this clone'


def forget(repository: Repository, name: str) -> None:
    """Delete an object, as if it hadn't been fetched."""
    found = repository.git("rev-parse", name)
    (repository.folder / ".git/objects" / found[:2] / found[2:]).unlink()


# --- hostile configurations --------------------------------------------------------------------


class Trap:
    """A repository that holds a program, and whether git ran that program."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.folder = repository.folder
        self.sprung = self.folder / "sprung"
        self.program = executable(
            self.folder.parent / "trap" / "program", f'#!/bin/sh\necho "$0" "$@" >>{self.sprung}\n'
        )
        repository.commit(OLD)
        repository.commit(NEW)

    def configure(self, **settings: str) -> None:
        for key, value in settings.items():
            self.repository.git("config", key.replace("__", "."), value)

    def attributes(self, text: str) -> None:
        (self.folder / ".git/info").mkdir(exist_ok=True)
        (self.folder / ".git/info/attributes").write_text(text)

    def springs(self, *command: str, cwd: str = "", **env: str) -> bool:
        """Whether a naive command runs the program."""
        subprocess.run(
            command,
            cwd=self.folder / cwd,
            env=environment({"GIT_CONFIG_NOSYSTEM": "1", **env}),
            capture_output=True,
            check=False,
        )
        return self.was_sprung()

    def was_sprung(self) -> bool:
        sprung = self.sprung.exists()
        self.sprung.unlink(missing_ok=True)
        return sprung


@pytest.fixture
def trap(repository: Repository) -> Trap:
    return Trap(repository)


def fsmonitor(trap: Trap) -> bool:
    trap.configure(core__fsmonitor=str(trap.program))
    return trap.springs("git", "diff", "--quiet")


def included(trap: Trap) -> bool:
    trap.repository.write(f"[core]\nfsmonitor = {trap.program}\n", "settings")
    trap.configure(include__path="../settings")
    return trap.springs("git", "diff", "--quiet")


def textconv(trap: Trap) -> bool:
    trap.configure(diff__x__textconv=str(trap.program))
    trap.attributes("* diff=x\n")
    return trap.springs("git", "cat-file", "--textconv", "HEAD:events.toml")


def smudge(trap: Trap) -> bool:
    trap.configure(filter__x__smudge=str(trap.program))
    trap.attributes("* filter=x\n")
    return trap.springs("git", "cat-file", "--filters", "HEAD:events.toml")


def hooks(trap: Trap) -> bool:
    trap.configure(core__hooksPath=str(trap.program.parent))
    shutil.copy(trap.program, trap.program.with_name("post-checkout"))
    return trap.springs("git", "checkout", "--quiet", "HEAD")


def external_diff(trap: Trap) -> bool:
    trap.configure(diff__external=str(trap.program))
    return trap.springs("git", "diff", "HEAD~1")


def alias(trap: Trap) -> bool:
    for name in ("blob", "rev-parse", "ls-tree", "cat-file"):
        trap.repository.git("config", f"alias.{name}", f"!{trap.program}")
    return trap.springs("git", "blob", "HEAD:events.toml")


def _promised(trap: Trap, url: str) -> bool:
    trap.configure(
        core__repositoryformatversion="1",
        extensions__partialClone="origin",
        remote__origin__url=url,
        remote__origin__promisor="true",
        remote__origin__uploadpack=str(trap.program),
        core__sshCommand=str(trap.program),
        protocol__ext__allow="always",
        protocol__ssh__allow="always",
        protocol__file__allow="always",
    )
    for name in ("HEAD:events.toml", "HEAD~1:events.toml"):
        forget(trap.repository, name)
    return trap.springs("git", "cat-file", "blob", "HEAD:events.toml")


def promised_by_helper(trap: Trap) -> bool:
    return _promised(trap, f"ext::{trap.program}")


def promised_by_ssh(trap: Trap) -> bool:
    return _promised(trap, "ssh://example.invalid/x")


def promised_by_folder(trap: Trap) -> bool:
    return _promised(trap, str(trap.folder))


def promised_by_proxy(trap: Trap) -> bool:
    trap.configure(core__gitProxy=str(trap.program), protocol__git__allow="always")
    return _promised(trap, "git://example.invalid/x")


def promised_by_network(trap: Trap) -> bool:
    """A remote on the network: here of this machine, where somebody who listens would notice."""
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            caller, _ = listener.accept()
            trap.sprung.touch()
            caller.close()

    threading.Thread(target=listen, daemon=True).start()
    trap.configure(protocol__git__allow="always")
    sprung = _promised(trap, f"git://127.0.0.1:{listener.getsockname()[1]}/x")
    # Callers are heard in their order: behind this one, none of the naive command's is left.
    with socket.create_connection(listener.getsockname()) as last:
        last.recv(1)
    trap.was_sprung()
    return sprung


def clean(trap: Trap) -> bool:
    trap.configure(filter__x__clean=str(trap.program))
    trap.attributes("* filter=x\n")
    trap.repository.write(NEW)
    os.utime(trap.folder / "events.toml", (0, 0))
    return trap.springs("git", "diff", "--quiet")


def hook_of_the_index(trap: Trap) -> bool:
    executable(trap.folder / ".git/hooks/post-index-change", trap.program.read_text())
    os.utime(trap.folder / "events.toml", (0, 0))
    return trap.springs("git", "update-index", "--refresh")


def program_called_git(trap: Trap) -> bool:
    shutil.copy(trap.program, trap.folder / "git")
    return trap.springs("git", "--version", PATH=f".:{os.environ['PATH']}")


def embedded_repository(trap: Trap) -> bool:
    """A folder of the working tree that is laid out as a repository of its own."""
    inner = trap.folder / "sub"
    shutil.copytree(trap.folder / ".git", inner)
    settings = {"core.bare": "false", "core.worktree": ".", "core.fsmonitor": str(trap.program)}
    for key, value in settings.items():
        trap.repository.git("config", "--file", str(inner / "config"), key, value)
    trap.repository.write(NEW, "sub/events.toml")
    return trap.springs("git", "-c", "safe.bareRepository=all", "status", cwd="sub")


Hostile = Callable[[Trap], bool]
HOSTILE: list[Hostile] = [
    fsmonitor,
    included,
    textconv,
    smudge,
    hooks,
    external_diff,
    alias,
    promised_by_helper,
    promised_by_ssh,
    promised_by_folder,
    promised_by_proxy,
    promised_by_network,
    clean,
    hook_of_the_index,
    program_called_git,
    embedded_repository,
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.__name__)
def test_no_program_of_the_repository_runs(
    hostile: Hostile, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hostile(trap), "a naive command should run the program"
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    before = tree(trap.folder)
    for folder in (trap.folder, trap.folder / "sub"):
        for revision in ("HEAD", "HEAD~1", "nope"):
            monkeypatch.chdir(folder if folder.is_dir() else trap.folder)
            try:
                read = git.read(Path("events.toml"), revision, LIMIT).data.decode()
            except KztError as error:
                assert len(error.args) == 1  # noqa: PT017
            else:
                assert read == (NEW if revision == "HEAD" else OLD)
            git.names(Path())
    assert not trap.was_sprung()
    assert tree(trap.folder) == before


def test_there_are_many() -> None:
    assert len(BAD) >= 25
    assert len(HOSTILE) + len(VARIABLES) >= 25


def tree(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_lazy_fetching_is_stopped_by_the_list_of_protocols_alone(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What git versions without GIT_NO_LAZY_FETCH have to rely on.
    promised_by_helper(trap)
    command = ["git", "-c", "protocol.allow=never", "cat-file", "blob", "HEAD:events.toml"]
    assert trap.springs(*command)
    assert not trap.springs(*command, GIT_ALLOW_PROTOCOL="")
    environments = []
    started: Any = subprocess.Popen

    def start(*args: Any, env: dict[str, str], **options: Any) -> Any:
        environments.append(env)
        return started(*args, env=env, **options)

    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(KztError):
        git.read(trap.folder / "events.toml", "HEAD", LIMIT)
    assert environments
    assert all(env["GIT_ALLOW_PROTOCOL"] == "" for env in environments)


# Each would make git run the program, look elsewhere or write a file.
VARIABLES = {
    "GIT_DIR": "{other}",
    "GIT_WORK_TREE": "{other}",
    "GIT_COMMON_DIR": "{other}",
    "GIT_INDEX_FILE": "/nonexistent",
    "GIT_OBJECT_DIRECTORY": "/nonexistent",
    "GIT_NAMESPACE": "other",
    "GIT_EXEC_PATH": "{program}",
    "GIT_TRACE": "{sprung}",
    "GIT_TRACE2_EVENT": "{sprung}",
    "GIT_TRACE_SETUP": "{sprung}",
    "GIT_PAGER": "{program}",
    "PAGER": "{program}",
    "GIT_EXTERNAL_DIFF": "{program}",
    "GIT_SSH_COMMAND": "{program}",
    "GIT_ASKPASS": "{program}",
    "GIT_CONFIG_GLOBAL": "/dev/zero",
    "GIT_CONFIG_COUNT": "x",
    "GIT_CONFIG_PARAMETERS": "'",
    "GIT_CEILING_DIRECTORIES": "{parent}",
    "GIT_GLOB_PATHSPECS": "1",
    "LC_ALL": "de_DE.UTF-8",
}


def test_variables_of_the_environment_change_nothing(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {
        "other": "/nonexistent",
        "program": str(trap.program),
        "sprung": str(trap.sprung),
        "parent": str(trap.folder.parent),
    }
    for key, value in VARIABLES.items():
        monkeypatch.setenv(key, value.format(**places))
    naive = ["git", "cat-file", "blob", "HEAD:events.toml"]
    assert subprocess.run(naive, cwd=trap.folder, capture_output=True, check=False).returncode
    trap.was_sprung()
    assert git.read(trap.folder / "events.toml", "HEAD", LIMIT).data.decode() == NEW
    assert not trap.was_sprung()


def test_history_is_read_as_committed(trap: Trap) -> None:
    repository, path = trap.repository, trap.folder / "events.toml"
    repository.git("replace", "HEAD:events.toml", "HEAD~1:events.toml")
    assert repository.git("show", "HEAD:events.toml") == OLD.strip()
    assert git.read(path, "HEAD", LIMIT).data.decode() == NEW
    (trap.folder / ".git/info").mkdir(exist_ok=True)
    (trap.folder / ".git/info/grafts").write_text(repository.git("rev-parse", "HEAD"))
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("rev-parse", "--verify", "HEAD~1")
    assert git.read(path, "HEAD~1", LIMIT).data.decode() == OLD


def test_a_repository_that_makes_git_wait_is_given_up(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(trap.folder / "fifo")
    trap.configure(include__path="../fifo")
    monkeypatch.setattr(git, "SECONDS", 0.2)
    told = refused(trap.folder / "events.toml", "HEAD")
    assert told == f"{trap.folder}: git did not answer within 0.2 seconds"


def unending_ref(trap: Trap) -> None:
    (trap.folder / ".git/refs/heads/evil").symlink_to("/dev/zero")


def unending_alternates(trap: Trap) -> None:
    (trap.folder / ".git/objects/info").mkdir(exist_ok=True)
    (trap.folder / ".git/objects/info/alternates").symlink_to("/dev/zero")


def unending_configuration(trap: Trap) -> None:
    trap.configure(include__path="/dev/zero")


def unending_index_of_alternates(trap: Trap) -> None:
    (trap.folder / ".git/objects/info").mkdir(exist_ok=True)
    (trap.folder / ".git/objects/info/commit-graph").symlink_to("/dev/zero")


PEAK = f"""#!{sys.executable} -I
import resource, subprocess, sys
code = subprocess.run([{shutil.which("git")!r}, *sys.argv[1:]]).returncode
with open("LOG", "a") as file:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10, file=file)
sys.exit(code)
"""
"""A git that writes down how many megabytes it took."""


def peak(log: Path) -> int:
    return max(int(line) for line in log.read_text().split())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a child's memory")
def test_a_naive_git_takes_what_it_can_get(trap: Trap, tmp_path: Path) -> None:
    unending_ref(trap)
    program = executable(tmp_path / "git", PEAK.replace("LOG", str(tmp_path / "log")))
    subprocess.run(
        ["/bin/sh", "-c", 'ulimit -v 1000000; exec "$0" rev-parse evil', program],
        cwd=trap.folder,
        capture_output=True,
        check=False,
    )
    assert peak(tmp_path / "log") > 400


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a child's memory")
@pytest.mark.parametrize(
    "hostile",
    [unending_ref, unending_alternates, unending_configuration, unending_index_of_alternates],
    ids=lambda hostile: hostile.__name__,
)
def test_git_gets_no_more_memory_or_time_than_it_needs(
    hostile: Callable[[Trap], None], trap: Trap, kzt: Run, tmp_path: Path
) -> None:
    hostile(trap)
    log = tmp_path / "log"
    executable(tmp_path / "bin/git", PEAK.replace("LOG", str(log)))
    env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    started = time.monotonic()
    result = kzt("diff", "evil", "HEAD", cwd=trap.folder, env=env)
    assert time.monotonic() - started < 4
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert peak(log) < 300


@pytest.mark.slow
def test_all_questions_to_git_have_one_deadline(
    repository: Repository, tmp_path: Path, kzt: Run
) -> None:
    """Each of eight takes less than the limit; all of them together don't."""
    repository.commit(TEXT)
    slow = f'#!/bin/sh\n/bin/sleep 0.8\nexec {shutil.which("git")} "$@"\n'
    executable(tmp_path / "bin/git", slow)
    env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    for args in (["diff", "HEAD", "main"], ["check", "--rev", "HEAD", "--against", "main"]):
        started = time.monotonic()
        result = kzt(*args, cwd=repository.folder, env=env)
        assert result.err == ".: git did not answer within 2.5 seconds\n"
        assert time.monotonic() - started < 5


def test_what_git_says_is_bounded(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(OLD)
    executable(tmp_path / "bin/git", "#!/bin/sh\nexec cat /dev/zero\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    told = refused(repository.folder / "events.toml", "HEAD")
    assert told == f"{repository.folder}: git answered more than 16,777,216 bytes"


@pytest.mark.slow
def test_the_largest_file_can_be_read_in_that_memory(repository: Repository) -> None:
    line = "# A line that is as long as lines are\n"
    largest = line * (place.LIMIT // len(line))
    repository.commit(largest)
    repository.commit(largest[len(line) :])
    repository.git("gc", "--quiet", "--aggressive")
    blob = git.read(repository.folder / "events.toml", "HEAD~1", place.LIMIT)
    assert blob.data.decode() == largest


# --- the process -------------------------------------------------------------------------------


def test_git_starts_four_times_a_side(repository: Repository, tmp_path: Path, kzt: Run) -> None:
    repository.commit(TEXT)
    repository.commit(TEXT + "# more\n")
    log = tmp_path / "log"
    executable(tmp_path / "bin/git", f'#!/bin/sh\necho >>{log}\nexec {shutil.which("git")} "$@"\n')
    env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    for args, starts in (
        (["list"], 0),
        (["list", "--rev", "HEAD"], 4),
        (["diff"], 4),
        (["diff", "HEAD~1", "HEAD"], 8),
        (["diff", "2011", "2020"], 0),
        # Whether the name is a revision, too.
        (["diff", "events.toml", "file:events.toml"], 1),
    ):
        log.write_text("")
        assert kzt(*args, cwd=repository.folder, env=env).code == 0
        assert len(log.read_text()) == starts, args


def test_a_refused_revision_is_one_line(repository: Repository, kzt: Run) -> None:
    repository.commit(TEXT)
    result = kzt("list", "--rev", "\x1b]0;x\x07", cwd=repository.folder)
    told = '"\\u{1b}]0;x\\u{7}" is not a git revision\n'
    assert (result.code, result.out, result.err) == (2, "", told)


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Two commits; the second has one of everything that a tree can hold."""
    folder = tmp_path_factory.mktemp("history")
    repository = Repository(folder)
    repository.commit(OLD)
    repository.git("tag", "--annotate", "--message", "x", "v1")
    repository.git("branch", "2020")
    for name in READ:
        repository.write(f"# {name!r}\n", name)
    repository.write("#" * (LIMIT + 1), "large.toml")
    (folder / "link.toml").symlink_to("/etc/passwd")
    made_of = f"160000,{repository.git('rev-parse', 'HEAD')},submodule"
    repository.git("update-index", "--add", "--cacheinfo", made_of)
    repository.write(NEW)
    repository.git("add", "--all", "--", ":!submodule")
    repository.git("commit", "--quiet", "--message", "The second one")
    return repository


def refused(path: Path, revision: str) -> str:
    with pytest.raises(KztError) as caught:
        git.read(path, revision, LIMIT)
    (told,) = caught.value.args
    return str(told)
