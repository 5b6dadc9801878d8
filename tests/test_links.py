"""Links that a pull request brings: writing follows none of them to where it would do harm.

A case is a work tree with one link, made of what stands in `world`, and what is written there. Each
is tried on naive writers, too, which fall for it.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kztimeline.files import links, write
from kztimeline.text.errors import KztError
from tests.conftest import SMALL, Repository, Run
from tests.oracles.naive_writer import WRITERS
from tests.processes import run_all
from tests.test_durability import append

UNTIDY = b"[topic]\nb='B'\n"
ADD = ("add", "--json", "-", "--file")


IN_GIT = "into the files of git"
IN_ENVIRONMENT = "into a virtual environment"
OUT = "out of its repository"
IN_ANOTHER = "into another repository"

# link, what it leads to, what is written, where that would end
FOLDERS = {
    ".git": ("out", ".git", "out/config", IN_GIT),
    "a folder in .git": ("out", ".git/info", "out/attributes", IN_GIT),
    "absolute": ("out", "{world}/.git", "out/config", IN_GIT),
    "through another link": ("out", "sub/hop", "out/config", IN_GIT),
    "behind a folder": ("sub/out", "../.git", "sub/out/info/x", IN_GIT),
    "files of git elsewhere": ("out", "git-files", "out/config", IN_GIT),
    "an environment": ("out", ".venv", "out/record.md", IN_ENVIRONMENT),
    "deep in an environment": ("build", ".venv/lib/python3", "build/site-packages/a.pth",
                               IN_ENVIRONMENT),
    "outside": ("out", "../other", "out/record.md", OUT),
    "outside and back": ("out", "../other", "out/../clone/record.md", OUT),
    "the root": ("out", "/", "out/tmp/record.md", OUT),
    "a submodule": ("out", "inner", "out/record.md", IN_ANOTHER),
    "dangling": ("out", "../nothing", "out/record.md", OUT),
}  # fmt: skip


@pytest.mark.parametrize(("name", "leads_to", "written", "where"), FOLDERS.values(), ids=FOLDERS)
def test_no_folder_on_the_way_leads_away(
    name: str, leads_to: str, written: str, where: str, world: Path
) -> None:
    put_link(world, name, leads_to)
    before = outside(world)
    command = ("export", "md", "-o", written)
    result = run_all([command], world)[command]
    link = "sub/hop" if "hop" in leads_to and "hop" in result.err else name
    assert (result.code, result.err) == (
        2,
        f"{written}: {link} is a link that leads {where};"
        " nothing was written (name the place itself)\n",
    )
    assert outside(world) == before


FILES = {
    "a file of git": ("x.toml", ".git/config", IN_GIT),
    "a file in an environment": (
        "x.toml",
        ".venv/lib/python3/site-packages/zz.pth",
        IN_ENVIRONMENT,
    ),
    "a file outside": ("x.toml", "../other/x.toml", OUT),
    "absolute": ("x.toml", "{world}/../other/x.toml", OUT),
    "a link to such a link": ("x.toml", "sub/hop/config", IN_GIT),
    "a file of a submodule": ("x.toml", "inner/events.toml", IN_ANOTHER),
}


@pytest.mark.parametrize(("name", "leads_to", "where"), FILES.values(), ids=FILES)
def test_edits_follow_no_link_that_leads_away(
    name: str, leads_to: str, where: str, world: Path, kzt: Run
) -> None:
    put_link(world, name, leads_to)
    (world / name).resolve().write_bytes(UNTIDY)
    before = outside(world)
    told = f"{name}: is a link that leads {where}; nothing was written (name the place itself)\n"
    done = kzt("fmt", name, cwd=world)
    assert (done.code, done.out, done.err) == (2, "", told)
    done = kzt(*ADD, name, cwd=world, stdin=b"{}")
    assert (done.code, done.out, done.err) == (2, "", told)
    assert outside(world) == before


@pytest.mark.parametrize(("name", "leads_to", "where"), FILES.values(), ids=FILES)
def test_output_replaces_such_a_link(
    name: str, leads_to: str, where: str, world: Path, kzt: Run
) -> None:
    put_link(world, name, leads_to)
    before = outside(world)
    assert kzt("export", "md", "-o", name, cwd=world).code == 0
    assert outside(world) == before
    assert not (world / name).is_symlink()
    assert (world / name).read_bytes().startswith(b"# Reforms")


def test_a_naive_writer_follows_them(world: Path) -> None:
    (world / "record.md").symlink_to(".venv/lib/python3/site-packages/zz.pth")
    (world / "record.md").resolve().write_bytes(b"")
    WRITERS["in-place"](world / "record.md", lambda _: b"import os")
    assert (world / ".venv/lib/python3/site-packages/zz.pth").read_bytes() == b"import os"


def test_honest_links_are_followed(world: Path, kzt: Run) -> None:
    (world / "events.toml").unlink()
    (world / "events.toml").symlink_to("sub/shared.toml")
    (world / "docs").symlink_to("sub")
    assert kzt("fmt", cwd=world).code == 0
    assert kzt("fmt", "docs/events.toml", cwd=world).code == 0
    assert kzt("export", "md", "-o", "docs/record.md", cwd=world).code == 0
    assert kzt("export", "md", "-o", "/dev/stdout", cwd=world).out.startswith("# ")
    assert (world / "events.toml").is_symlink()
    for name in ("sub/shared.toml", "sub/events.toml"):
        assert (world / name).read_bytes() != UNTIDY
    assert (world / "sub/record.md").exists()
    # What the user names without a link is as the user wants it.
    assert kzt("export", "md", "-o", "../other/record.md", cwd=world).code == 0
    assert kzt("fmt", "inner/events.toml", cwd=world).code == 0


def test_in_a_work_tree_of_its_own(repository: Repository, kzt: Run) -> None:
    repository.commit(SMALL.read_text("utf-8"))
    repository.git("worktree", "add", "--quiet", "tree")
    tree = repository.folder / "tree"
    (tree / "sub").mkdir()
    for name, leads_to in {"in": "sub", "out": "..", "git": "../.git/worktrees/tree"}.items():
        (tree / name).symlink_to(leads_to)
    results = [kzt("export", "md", "-o", f"{name}/x.md", cwd=tree) for name in ("in", "out", "git")]
    assert [result.code for result in results] == [0, 2, 2]
    assert all(OUT in result.err for result in results[1:])


def test_outside_of_repositories_links_stay_in_their_folder(tmp_path: Path, kzt: Run) -> None:
    for name in ("one/a.toml", "two/b.toml"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(UNTIDY)
    (tmp_path / "one/near.toml").symlink_to("a.toml")
    (tmp_path / "one/far.toml").symlink_to("../two/b.toml")
    (tmp_path / "folder").symlink_to("two")
    told = "one/far.toml: is a link that leads out of its folder"
    assert kzt("fmt", "one/far.toml").err.startswith(told)
    assert (tmp_path / "two/b.toml").read_bytes() == UNTIDY
    assert kzt("fmt", "one/near.toml").code == 0
    # A folder's link is the user's own here.
    assert kzt("fmt", "folder/b.toml").code == 0


# --- changed while it is written ---------------------------------------------------------------


def swap(folder: Path, leads_to: Path) -> None:
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(leads_to)


def edit(path: Path) -> None:
    write.update(path, append(b"ours\n"))


def save(path: Path) -> None:
    write.save(path, b"ours\n", None)


@pytest.mark.parametrize("writer", [edit, save])
def test_a_folder_that_becomes_a_link_is_not_followed(
    writer: Callable[[Path], None], world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the path and the opening of its folder, and while it is open."""
    open_folder = links.open_folder
    opened: list[Path] = []

    def swap_first(real: Path) -> int:
        if not opened:
            opened.append(real)
            swap(world / "sub", world.parent / "other")
        return open_folder(real)

    def swap_then(real: Path) -> int:
        folder = open_folder(real)
        if not opened:
            opened.append(real)
            swap(world / "sub", world.parent / "other")
        return folder

    before = outside(world)
    for swapped in (swap_first, swap_then):
        monkeypatch.setattr(links, "open_folder", swapped)
        opened.clear()
        try:
            writer(world / "sub/x.toml")
        except KztError as error:
            assert len(error.args) == 1  # noqa: PT017
        assert outside(world) == before
        (world / "sub").unlink()
        (world / "moved").rename(world / "sub")
        (world / "sub/x.toml").write_bytes(b"old\n")


def test_a_name_that_becomes_a_link_is_not_followed(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = world / "sub/events.toml", os.open

    def open_late(name: str | Path, flags: int, *args: int, **options: int) -> int:
        if name == path.name and not path.is_symlink():
            path.unlink()
            path.symlink_to("../../other/x.toml")
        return opened(name, flags, *args, **options)

    before = outside(world)
    monkeypatch.setattr(os, "open", open_late)
    for writer in (edit, save):
        with pytest.raises(KztError, match="symbolic links"):
            writer(path)
        path.unlink()
        path.write_bytes(UNTIDY)
    assert outside(world) == before


# --- helpers ---------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A clone with a virtual environment, a submodule and a record; and a folder beside it."""
    clone = tmp_path / "clone"
    (clone / ".venv/lib/python3/site-packages").mkdir(parents=True)
    (clone / ".venv/pyvenv.cfg").write_text("")
    repository = Repository(clone)
    (clone / "inner").mkdir()
    Repository(clone / "inner")
    (tmp_path / "other").mkdir()
    repository.git("init", "--quiet", "--separate-git-dir=git-files", "elsewhere")
    for name in ("sub/shared.toml", "sub/events.toml", "inner/events.toml", "../other/x.toml"):
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_bytes(UNTIDY)
    shutil.copyfile(SMALL, clone / "events.toml")
    return clone


def outside(world: Path) -> dict[str, bytes]:
    """All that no command may change: everything but the files of the work tree itself."""
    found = {}
    for path in sorted(world.parent.rglob("*")):
        parts = path.relative_to(world.parent).parts
        apart = parts[0] != "clone" or {".git", ".venv", "inner", "git-files"} & {*parts}
        if apart and path.is_file() and not path.is_symlink():
            found[str(path)] = path.read_bytes()
    return found


def put_link(world: Path, name: str, leads_to: str) -> None:
    (world / "sub/hop").symlink_to("../.git")
    (world / name).symlink_to(leads_to.format(world=world))
