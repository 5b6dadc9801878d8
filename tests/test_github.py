"""What stands around the code: workflows, hooks and the pages for contributors."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kztimeline.record.reading import read
from tests.conftest import CHECKOUT, SMALL, Repository, environment

PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / ".github/CONTRIBUTING.md",
    CHECKOUT / ".github/SECURITY.md",
    *(CHECKOUT / "kztimeline/manual").glob("*.md"),
]


def test_workflows_pass_an_audit() -> None:
    done = subprocess.run(
        [tool("zizmor"), "--offline", "--no-progress", CHECKOUT], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_audit_fails_on_a_naive_workflow(tmp_path: Path) -> None:
    """A review that checks out, and so trusts, the pull request with a token that can write."""
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "events.yml").write_text(
        "name: x\non: pull_request_target\njobs:\n  x:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v4\n        with:\n"
        "          ref: ${{ github.event.pull_request.head.sha }}\n"
        '      - run: echo "${{ github.event.pull_request.title }}"\n'
    )
    done = subprocess.run([tool("zizmor"), "--offline", tmp_path], capture_output=True)
    assert done.returncode != 0


def test_no_workflow_holds_a_token_that_can_write() -> None:
    for path in (CHECKOUT / ".github/workflows").iterdir():
        text = path.read_text("utf-8")
        assert "\npermissions: {}\n" in text
        assert not re.search(r":\s*write\b", text)
        assert "pull_request_target" not in text


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]*)(#[^)]*)?\)", page.read_text("utf-8")):
        path, anchor = target
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), target
        assert not anchor or anchor[1:] in anchors(other), target


def test_the_sample_event_needs_no_change_to_be_read() -> None:
    page = (CHECKOUT / ".github/CONTRIBUTING.md").read_text("utf-8")
    event, source = (
        re.sub("^ {3,5}", "", block, flags=re.MULTILINE)
        for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    )
    record = (CHECKOUT / "events.toml").read_text("utf-8")
    assert read(f"{record}\n{source}\n{event}").problems == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hook", "text", "code", "said"),
    [
        ("kzt-check", "", 0, "Passed"),
        ("kzt-check", "[topics]\n", 1, 'events.toml:1:2: unknown key "topics"'),
        ("kzt-fmt", "[topic]\nb = 'B'\n", 0, "Passed"),
        ("kzt-fmt", "[topic]\nb    =   'B'\n", 1, "files were modified by this hook"),
    ],
)
def test_pre_commit_hooks(
    hook: str, text: str, code: int, said: str, hooks: Path, repository: Repository
) -> None:
    repository.commit(text)
    done = subprocess.run(
        [tool("pre-commit"), "try-repo", str(hooks), hook, "--all-files", "--verbose"],
        cwd=repository.folder,
        env=environment({"PRE_COMMIT_HOME": str(hooks.parent / "cache"), "HOME": str(hooks)}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds this checkout as it is, for pre-commit to install from."""
    folder = tmp_path_factory.mktemp("hooks") / "repository"
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "events.toml", ".pre-commit-hooks.yaml"):
        shutil.copy(CHECKOUT / name, folder)
    shutil.copytree(
        CHECKOUT / "kztimeline",
        folder / "kztimeline",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    Repository(folder).commit((CHECKOUT / "events.toml").read_text("utf-8"))
    return folder


NEW_EVENT = """
[[event]]
id = "{0}"
date = "2022"
title = "{1}"
kind = "law"
topics = ["{2}"]
status = "scheduled"
summary = "In our words."
sources = [
  {{ source = "{2}-2022", at = "page {0}", says = "{1} is planned" }},
]
"""
NEW_SOURCE = """
[source.{0}-2022]
title = "Plans of {0}"
date = "2022"
perspective = "ngo"
"""
NEW_MATTER = """
[matter.{0}-camps]
title = "Camps of {0}"
topics = ["{0}"]
"""
LAST_EVENT = '\n[[event]]\nid = "2022-review"'


def edits(who: str, changed: str, says: str) -> str:
    """The small record with two events, a topic, a matter, a source and other changes of a side.

    The new ones stand where the other side has its own: there git finds conflicts.
    """
    text = SMALL.read_text("utf-8")
    events = NEW_EVENT.format(f"2022-{who}", f"A law of {who}", who)
    more = NEW_EVENT.format(f"2022-{who}-second", f"Another law of {who}", who)
    for old, new in (
        ('un = "UN treaties and bodies"\n', f'un = "UN treaties and bodies"\n{who} = "Topic of {who}"\n'),
        ("\n[source.ministry-2021]", f"{NEW_MATTER.format(who)}\n[source.ministry-2021]"),
        ('\n[[event]]\nid = "2005-draft"', f'{NEW_SOURCE.format(who)}\n[[event]]\nid = "2005-draft"'),
        (LAST_EVENT, f"{events}{more}{LAST_EVENT}"),
        (changed, f"{changed} ({who})"),
        (f'says = "{says}', f'says = "By {who}: {says}'),
        ("Replace permits by notification", "Replace permits" if who == "mine" else "Replace permits by notification"),
        ('state = { covenant = "Ratified and reviewed" }', f'state = {{ covenant = "Ratified and reviewed", {who}-camps = "Allowed" }}'),
    ):  # fmt: skip
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


MINE = edits("mine", "Police dispersed a rally", "Ratified in 2006")
THEIRS = edits("theirs", "Ministries and NGOs met", "A permit is required")


def told_by(text: str) -> set[str]:
    """What a record says, a line for each value."""
    values = tomllib.loads(text)
    named = [
        (kind, key, raw)
        for kind in ("topic", "matter", "source")
        for key, raw in values[kind].items()
    ]
    events = [("event", raw["id"], raw) for raw in values["event"]]
    return {
        f"{kind} {name} {key} {part}"
        for kind, name, raw in (*named, *events)
        for key, value in (raw.items() if isinstance(raw, dict) else [("", raw)])
        for part in (
            value
            if isinstance(value, list)
            else value.items()
            if isinstance(value, dict)
            else [value]
        )
    }


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    """A clone of a fork whose `main` went on after my branch was pushed."""
    (tmp_path / "fork").mkdir()
    fork = Repository(tmp_path / "fork")
    fork.commit(SMALL.read_text("utf-8"))
    fork.git("switch", "--quiet", "--detach")
    fork.git("clone", "--quiet", "--branch", "main", ".", str(tmp_path / "clone"))
    mine = Repository(tmp_path / "clone")
    mine.git("switch", "--quiet", "--create", "my-event")
    mine.commit(MINE)
    mine.git("push", "--quiet", "-u", "origin", "my-event")
    fork.git("switch", "--quiet", "main")
    fork.commit(THEIRS)
    return mine


def commands(heading: str) -> list[list[str]]:
    """The commands that a section of the guide gives, by blocks."""
    page = (CHECKOUT / ".github/CONTRIBUTING.md").read_text("utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [block.splitlines() for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL)]


def follow(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Type a command into a shell that finds `kzt`."""
    names = {
        f"GIT_{who}_{what}": "me" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    path = f"{Path(tool('kzt')).parent}:{environment()['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment({**names, "PATH": path, "GIT_CONFIG_NOSYSTEM": "1"}),
        capture_output=True,
        text=True,
    )


def all_of_both(text: str) -> bool:
    """Whether all that each side changed is there, and nothing else."""
    base, mine, theirs = map(told_by, (SMALL.read_text("utf-8"), MINE, THEIRS))
    return told_by(text) == (mine | theirs) - (base - mine) - (base - theirs)


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_a_merge_conflict_is_resolved_as_the_page_says(style: str, clone: Repository) -> None:
    clone.git("config", "merge.conflictStyle", style)
    steps, _ = commands("Resolve a merge conflict")
    codes = {step: follow(step, clone.folder).returncode for step in steps}
    assert codes == {step: int(step == "git merge origin/main") for step in steps}
    assert all_of_both((clone.folder / "events.toml").read_text("utf-8"))
    assert clone.git("status", "--porcelain") == ""
    assert clone.git("rev-parse", "origin/my-event") == clone.git("rev-parse", "HEAD")


def test_with_the_driver_of_the_page_no_conflict_arises(clone: Repository) -> None:
    shutil.copy(CHECKOUT / ".gitattributes", clone.folder)
    steps, driver = commands("Resolve a merge conflict")
    assert [follow(step, clone.folder).returncode for step in (*driver, *steps[:2])] == [0, 0, 0, 0]
    assert all_of_both((clone.folder / "events.toml").read_text("utf-8"))


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_in_the_browser_only_what_stood_between_marks_is_to_be_done_again(
    style: str, clone: Repository
) -> None:
    """Delete from ``<<<<<<<`` through ``=======``, and ``>>>>>>>``, as the page says."""
    clone.git("fetch", "--quiet", "origin")
    with pytest.raises(subprocess.CalledProcessError):
        clone.git("-c", f"merge.conflictStyle={style}", "merge", "origin/main")
    conflicted = (clone.folder / "events.toml").read_text("utf-8")
    kept = re.sub(r"(?ms)^<<<<<<< .*?^=======\n|^>>>>>>> .*?\n", "", conflicted)
    base, mine, theirs, now = map(told_by, (SMALL.read_text("utf-8"), MINE, THEIRS, kept))
    # All of theirs is there, and mine where git found no conflict.
    assert theirs - base <= now
    assert "event 2014-rally summary Police dispersed a rally (mine)." in now
    # What is missing is what the second tab shows: mine, of the places that had marks.
    missing = mine - base - now
    assert missing
    assert all("mine" in line for line in missing)


# --- helpers ---------------------------------------------------------------------------------


def tool(name: str) -> str:
    """The path of a program that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))
