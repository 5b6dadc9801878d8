"""What stands around the code: workflows, hooks and the pages for contributors."""

import re
import shutil
import subprocess
import sys
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


def tool(name: str) -> str:
    """The path of a program that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


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
date = "2023"
title = "{1}"
kind = "law"
topics = ["assembly"]
summary = "In our words."
sources = [
  {{ source = "ministry-2021", at = "{1}" }},
]
"""


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_a_merge_conflict_is_resolved_as_the_page_says(style: str, repository: Repository) -> None:
    """Delete from ``<<<<<<<`` through ``=======``, and ``>>>>>>>``: what stays is main's file."""
    text = SMALL.read_text("utf-8")
    mine, theirs = NEW_EVENT.format("2023-mine", "One"), NEW_EVENT.format("2023-theirs", "Other")
    repository.commit(text)
    repository.git("switch", "--quiet", "--create", "my-event")
    repository.commit(text + mine)
    repository.git("switch", "--quiet", "main")
    repository.commit(text + theirs)
    repository.git("switch", "--quiet", "my-event")
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("-c", f"merge.conflictStyle={style}", "merge", "main")
    path = repository.folder / "events.toml"
    conflicted = path.read_text("utf-8")
    assert "\n<<<<<<< " in conflicted
    kept = re.sub(r"(?ms)^<<<<<<< .*?^=======\n|^>>>>>>> .*?\n", "", conflicted)
    assert kept == text + theirs
    repository.git("checkout", "--theirs", "events.toml")
    assert path.read_text("utf-8") == text + theirs
    assert read(kept + mine).problems == ()
