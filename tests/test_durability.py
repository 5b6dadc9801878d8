"""Writing: whole or not at all, whatever kills or fails or interferes; and durable when told so.

Each oracle is also run on the writers of ``oracles/naive_writer.py``, which it must find wanting. Kill
points and failures are walked with strace (Debian package strace), which is missing on many
machines: without it these tests are skipped, unless KZT_REQUIRE_STRACE is set.
"""

import fcntl
import json
import os
import shutil
import stat
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from kztimeline import loads
from kztimeline.files import write
from kztimeline.text.errors import KztError
from tests.conftest import SMALL
from tests.oracles.disturbances import (
    EVENT,
    NAIVE,
    Command,
    adding,
    edited,
    folder_with_file,
    silent,
    strace_works,
    torn,
    trace,
    violations,
    walk,
)
from tests.oracles.naive_writer import WRITERS

ADD = adding()
FMT = Command(("-m", "kztimeline", "fmt", "events.toml"))
EDITED = tempfile.TemporaryDirectory(prefix="kzt-edited-")
"""A folder with the other side of a merge, beside which nothing else may be left."""


def merging() -> Command:
    theirs = Path(EDITED.name) / "theirs.toml"
    theirs.write_bytes(SMALL.read_bytes().replace(b"A rally is", b"The rally was"))
    return Command(("-m", "kztimeline", "merge", str(SMALL), "events.toml", str(theirs)))


def bringing() -> Command:
    rows = [EVENT | {"id": f"2020-row-{number}", "title": f"Row {number}"} for number in range(3)]
    return Command(
        ("-m", "kztimeline", "add", "--from", "-", "--file", "events.toml"),
        json.dumps(rows).encode(),
    )


EDITS = {"add": ADD, "add --from": bringing(), "fmt": FMT, "merge": merging()}
# What `-o` replaces; the record that it lists comes through a pipe.
SAVE = Command(("-m", "kztimeline", "list", "--file", "-", "-o", "events.toml"), SMALL.read_bytes())
NAIVE_EDITS = {mode: Command((str(NAIVE), mode, "events.toml", "# more\n")) for mode in WRITERS}


@pytest.mark.slow
@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("command", EDITS.values(), ids=EDITS)
def test_killed_anywhere_the_file_is_the_old_or_the_new_one(
    command: Command, tmp_path: Path
) -> None:
    old, new = SMALL.read_bytes(), edited(tmp_path / "edited", command)
    found = walk(tmp_path, command, "signal=SIGKILL")
    assert {one.content for one in found} == {old, new}
    assert torn(found, old, new) == []
    # What a killed run leaves behind, the next one removes.
    left = [one for one in found if one.others]
    assert left
    for one in left:
        folder = tmp_path / f"{one.call}-{one.number}"
        assert FMT.run(folder).code == 0
        assert [path.name for path in folder.iterdir()] == ["events.toml"]


@pytest.mark.slow
@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("command", EDITS.values(), ids=EDITS)
def test_failing_anywhere_the_file_is_whole_and_the_message_true(
    command: Command, error: str, tmp_path: Path
) -> None:
    old, new = SMALL.read_bytes(), edited(tmp_path / "edited", command)
    found = walk(tmp_path, command, f"error={error}")
    assert torn(found, old, new) == []
    assert silent(found, old, new) == []
    unconfirmed = [one for one in found if "written, durability unconfirmed" in one.result.err]
    assert [one.call for one in unconfirmed] == ["fsync"]
    # Failures leave nothing behind, unless the very removal fails.
    assert [str(one) for one in found if one.others and one.call != "unlinkat"] == []


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("disturbance", ["signal=SIGKILL", "error=ENOSPC"])
def test_output_is_written_whole_or_not_at_all(disturbance: str, tmp_path: Path) -> None:
    old, new = SMALL.read_bytes(), edited(tmp_path / "edited", SAVE)
    found = walk(tmp_path, SAVE, disturbance)
    assert {one.content for one in found} == {old, new}
    assert torn(found, old, new) == []
    if disturbance.startswith("error"):
        assert silent(found, old, new) == []
    for one in found:
        folder = tmp_path / f"{one.call}-{one.number}"
        assert SAVE.run(folder).code == 0
        assert [path.name for path in folder.iterdir()] == ["events.toml"]


@pytest.mark.slow
@pytest.mark.usefixtures("strace")
def test_the_walk_catches_a_writer_in_place(tmp_path: Path) -> None:
    command = NAIVE_EDITS["in-place"]
    old, new = SMALL.read_bytes(), edited(tmp_path / "edited", command)
    assert torn(walk(tmp_path / "kill", command, "signal=SIGKILL"), old, new)
    failed = walk(tmp_path / "fail", command, "error=ENOSPC")
    assert torn(failed, old, new)
    assert silent(failed, old, new)


# --- the order of calls ------------------------------------------------------------------------


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("command", EDITS.values(), ids=EDITS)
def test_success_is_told_when_it_is_durable(command: Command, tmp_path: Path) -> None:
    assert violations(trace(folder_with_file(tmp_path / "trace"), command)) == []


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize(
    ("mode", "missing"),
    [
        ("in-place", ["lock", "write", "fsync", "rename", "fsync of the folder"]),
        ("unsynced", ["lock", "fsync", "fsync of the folder"]),
    ],
)
def test_the_order_catches_naive_writers(mode: str, missing: list[str], tmp_path: Path) -> None:
    calls = trace(folder_with_file(tmp_path / "trace"), NAIVE_EDITS[mode])
    # A naive rename gives the whole path or a relative one; both end in the name.
    assert violations(calls) == missing


# --- several at once ---------------------------------------------------------------------------


def lost(folder: Path, commands: Sequence[tuple[str, Command]], at_once: int) -> list[str]:
    """The marks that runs, so many at a time, told to have written but that aren't there."""
    folder_with_file(folder)
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        done = list(pool.map(lambda command: command[1].run(folder), commands))
    assert [result for result in done if result.code] == []
    content = (folder / "events.toml").read_text("utf-8")
    return [mark for mark, _ in commands if mark not in content]


@pytest.mark.slow
def test_concurrent_adds_lose_nothing(tmp_path: Path) -> None:
    marks = [f"2020-number-{number:02}" for number in range(40)]
    assert lost(tmp_path, [(mark, adding(mark)) for mark in marks], 20) == []
    assert [path.name for path in tmp_path.iterdir()] == ["events.toml"]
    record = loads((tmp_path / "events.toml").read_text("utf-8"))
    assert {event.id for event in record.events} >= {*marks}


@pytest.mark.parametrize("mode", WRITERS)
def test_concurrency_catches_naive_writers(mode: str, tmp_path: Path) -> None:
    marks = [f"# mark {number}\n" for number in range(8)]
    command = (str(NAIVE), mode, "events.toml")
    assert lost(tmp_path, [(mark, Command((*command, mark))) for mark in marks], 4)


# --- edits by others, in this process ----------------------------------------------------------


@dataclass
class Content:
    data: bytes


def append(text: bytes) -> Callable[[bytes], Content]:
    return lambda old: Content(old + text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "events.toml"
    path.write_bytes(b"old\n")
    return path


def others_in_place(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"theirs\n")


def others_by_rename(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes() + b"theirs\n")
    other.replace(path)


def others_same_size(path: Path) -> None:
    status = path.stat()
    path.write_bytes(b"ald\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


OTHERS = {
    "in place": (others_in_place, b"old\ntheirs\nours\n"),
    "by a new file": (others_by_rename, b"old\ntheirs\nours\n"),
    "unseen by size and time": (others_same_size, b"ald\nours\n"),
}


def meanwhile(path: Path, other: Callable[[Path], None]) -> Callable[[bytes], Content]:
    """An edit during whose first run somebody else changes the file."""
    pending = [other]

    def edit(old: bytes) -> Content:
        if pending:
            pending.pop()(path)
        return Content(old + b"ours\n")

    return edit


@pytest.mark.parametrize(("other", "expected"), OTHERS.values(), ids=OTHERS)
def test_what_others_write_meanwhile_is_kept(
    other: Callable[[Path], None], expected: bytes, path: Path
) -> None:
    write.update(path, meanwhile(path, other))
    assert path.read_bytes() == expected


@pytest.mark.parametrize("mode", WRITERS)
@pytest.mark.parametrize(("other", "expected"), OTHERS.values(), ids=OTHERS)
def test_naive_writers_overwrite_it(
    other: Callable[[Path], None], expected: bytes, mode: str, path: Path
) -> None:
    edit = meanwhile(path, other)
    WRITERS[mode](path, lambda old: edit(old).data)
    assert path.read_bytes() != expected


@pytest.mark.parametrize("links", [True, False], ids=["second name", "no hard links"])
def test_what_others_append_at_the_last_moment_is_kept_or_its_loss_reported(
    links: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, pending = os.replace, [others_in_place]

    def replace_late(*args: Any, **options: Any) -> None:
        if pending:
            pending.pop()(path)
        replace(*args, **options)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "replace", replace_late)
    if links:
        write.update(path, append(b"ours\n"))
        assert path.read_bytes() == b"old\ntheirs\nours\n"
    else:
        monkeypatch.setattr(os, "link", refuse)
        with pytest.raises(KztError, match="written, but what another program wrote"):
            write.update(path, append(b"ours\n"))
        assert path.read_bytes() == b"old\nours\n"
    assert list(path.parent.iterdir()) == [path]


def test_what_others_append_through_a_file_held_open_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put back is the very file, so that what they write after that isn't lost either."""
    replace, held = os.replace, path.open("ab", buffering=0)
    calls = iter([1])

    def replace_late(*args: Any, **options: Any) -> None:
        if next(calls, None):
            held.write(b"theirs\n")
        replace(*args, **options)

    def edit(old: bytes) -> Content:
        if b"theirs" in old and b"more" not in old:
            held.write(b"more\n")
        return Content(old + b"ours\n")

    monkeypatch.setattr(os, "replace", replace_late)
    with held:
        write.update(path, edit)
    assert path.read_bytes() == b"old\ntheirs\nmore\nours\n"


def test_who_never_stops_is_told(path: Path) -> None:
    def edit(old: bytes) -> Content:
        others_in_place(path)
        return Content(b"ours\n")

    with pytest.raises(KztError, match="being changed by another program; nothing was written"):
        write.update(path, edit)
    assert path.read_bytes().endswith(b"theirs\n")


def test_a_waiting_writer_waits_and_leaves_no_lock(path: Path) -> None:
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        writer = threading.Thread(target=write.update, args=(path, append(b"ours\n")))
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
        assert path.read_bytes() == b"old\n"
        # Who holds the lock puts a new file in place, as `save` itself does.
        others_by_rename(path)
    writer.join(10)
    assert path.read_bytes() == b"old\ntheirs\nours\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.slow
def test_waiting_for_many_others_is_no_reason_to_give_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A writer that waits may find the file replaced each time that it gets the lock.
    monkeypatch.setattr(write, "ATTEMPTS", 1)
    with ThreadPoolExecutor(max_workers=20) as pool:
        list(pool.map(lambda n: write.update(path, append(b"%d\n" % n)), range(200)))
    assert sorted(path.read_bytes().split()[1:], key=int) == [b"%d" % n for n in range(200)]


def test_leftovers_are_removed_unless_in_use(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = mark_of_new_files(path, monkeypatch)
    dead, alive, foreign = (path.with_name(name) for name in (f"{mark}1", f"{mark}2", ".kzt-x"))
    for leftover in (dead, alive, foreign):
        leftover.write_bytes(b"")
    dead.chmod(0o400)
    with alive.open("rb") as used:
        fcntl.flock(used, fcntl.LOCK_EX)
        write.update(path, append(b"ours\n"))
    assert sorted(path.parent.iterdir()) == sorted([path, alive, foreign])
    write.tidy(path)
    assert sorted(path.parent.iterdir()) == sorted([path, foreign])


def mark_of_new_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the name of every new file begins with that a write renames over the old one."""
    names: list[str] = []
    replace = os.replace

    def note(new: str, *args: Any, **options: Any) -> None:
        names.append(new)
        replace(new, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", note)
        for _ in range(2):
            write.update(path, append(b"more\n"))
    return "".join(
        one for one, other in takewhile(lambda two: len({*two}) == 1, zip(*names, strict=True))
    )


def test_link_mode_and_owner_stay(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    owner = (12345, 54321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(path, *owner)
    link = tmp_path / "link.toml"
    link.symlink_to(path.name)
    write.update(link, append(b"ours\n"))
    status = path.stat()
    assert link.readlink() == Path(path.name)
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert (status.st_uid, status.st_gid) == owner
    assert path.read_bytes() == b"old\nours\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_an_owner_that_cannot_be_kept_refuses(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    other = tmp_path / "other"
    other.write_bytes(b"")
    os.chown(other, 12345, 12345)
    with (
        other.open() as old,
        path.open() as new,
        pytest.raises(KztError, match="belongs to another user"),
    ):
        write.copy_access(path, old.fileno(), new.fileno(), must_keep_owner=True)


def test_what_changes_nothing_writes_nothing(path: Path) -> None:
    before = path.stat()
    write.update(path, append(b""))
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_largest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    path.write_bytes(b"old\n")
    write.update(path, append(b"ours\n"))
    assert path.read_bytes() == b"old\nours\n"


@pytest.fixture
def common() -> Iterator[Path]:
    """A file of somebody without privileges, whom the test is run as."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "events.toml"
    path.write_bytes(b"old\n")
    if os.geteuid() != 0:
        yield path
    else:
        for one in (folder, path):
            os.chown(one, 65534, 65534)
        os.seteuid(65534)
        try:
            yield path
        finally:
            os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_folder_or_file_for_reading_only_refuses(common: Path) -> None:
    common.parent.chmod(0o500)
    with pytest.raises(KztError, match="no new file can be made in its folder: permission denied"):
        write.update(common, append(b"ours\n"))
    common.parent.chmod(0o700)
    common.chmod(0o400)
    with pytest.raises(KztError, match="permission denied; nothing was written"):
        write.update(common, append(b"ours\n"))
    assert common.read_bytes() == b"old\n"
    assert list(common.parent.iterdir()) == [common]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's file")
def test_a_file_that_others_may_write_keeps_its_owner(common: Path) -> None:
    os.seteuid(0)
    os.chown(common, 0, 0)
    common.chmod(0o666)
    os.seteuid(65534)
    with pytest.raises(KztError, match="belongs to another user or group"):
        write.update(common, append(b"ours\n"))
    assert common.read_bytes() == b"old\n"
    assert list(common.parent.iterdir()) == [common]


def test_what_is_no_file_or_too_large_refuses(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kztimeline.files.place.LIMIT", 3)
    with pytest.raises(KztError, match="larger than"):
        write.update(path, append(b""))
    path.unlink()
    with pytest.raises(KztError, match="no such file or directory; nothing was written"):
        write.update(path, append(b""))
    os.mkfifo(path)
    with pytest.raises(KztError, match="not a regular file"):
        write.update(path, append(b""))


# --- access ------------------------------------------------------------------------------------

OWNER, USER, GROUP, MASK, OTHER = 1, 2, 4, 0x10, 0x20
ACCESS_LIST = "system.posix_acl_access"


def access_list(user: int, mask: int = 6) -> bytes:
    """A list as `setfacl -m u:1:…` makes it: the owner, a user, the group, the mask, the others."""
    nobody = 0xFFFFFFFF
    entries = [(OWNER, 6, nobody), (USER, user, 1), (GROUP, 0, nobody), (MASK, mask, nobody)]
    packed = [struct.pack("<HHI", *entry) for entry in (*entries, (OTHER, 0, nobody))]
    return struct.pack("<I", 2) + b"".join(packed)


def give(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except (AttributeError, OSError) as error:
        pytest.skip(f"no {name} here: {error}")


def edit_by_update(path: Path) -> None:
    write.update(path, append(b"ours\n"))


def edit_by_save(path: Path) -> None:
    write.save(path, b"ours\n", None)


EDITORS = pytest.mark.parametrize("edit", [edit_by_update, edit_by_save], ids=["update", "save"])


@EDITORS
def test_access_list_and_attributes_stay(edit: Callable[[Path], None], path: Path) -> None:
    path.chmod(0o600)
    give(path, "user.origin", b"https://example.org")
    give(path, ACCESS_LIST, access_list(4))
    before = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    mode = path.stat().st_mode
    edit(path)
    assert path.read_bytes().endswith(b"ours\n")
    assert {name: os.getxattr(path, name) for name in os.listxattr(path)} == before
    assert path.stat().st_mode == mode


@EDITORS
def test_the_list_of_the_folder_widens_nothing(edit: Callable[[Path], None], path: Path) -> None:
    path.chmod(0o640)
    give(path.parent, "system.posix_acl_default", access_list(6))
    edit(path)
    assert os.listxattr(path) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    # What is new, the folder gives the list that it has for new files.
    write.save(path.with_name("new"), b"", None)
    assert ACCESS_LIST in os.listxattr(path.with_name("new"))


@EDITORS
def test_an_access_list_that_cannot_be_kept_refuses(
    edit: Callable[[Path], None], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(path, ACCESS_LIST, access_list(4))

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setxattr", refuse)
    with pytest.raises(KztError, match=r"access list .* can't be kept: .*; nothing was written"):
        edit(path)
    assert path.read_bytes() == b"old\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("command", [("fmt", "a.toml"), ("list", "-o", "a.toml")], ids=" ".join)
def test_a_hard_link_is_reported(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"[topic]\nb='B'\n")
    for other in ("b.toml", "c.toml"):
        (tmp_path / other).hardlink_to(tmp_path / "a.toml")
    (tmp_path / "events.toml").write_bytes(b"")
    done = Command(("-m", "kztimeline", *command)).run(tmp_path)
    assert (done.code, done.err) == (
        0, "a.toml: written; its old content stays under 2 other names (hard links)\n"
    )  # fmt: skip
    assert (tmp_path / "b.toml").read_bytes() == b"[topic]\nb='B'\n"


@pytest.mark.parametrize(("mode", "narrowed"), [(0o664, 0o644), (0o640, 0o600), (0o604, 0o600)])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_in_place_of_anothers_is_no_wider(
    mode: int, narrowed: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    os.chown(path, 12345, 54321)
    path.chmod(mode)
    monkeypatch.setattr(os, "fchown", refuse)
    edit_by_save(path)
    assert stat.S_IMODE(path.stat().st_mode) == narrowed


def test_an_edit_that_refuses_leaves_everything(path: Path) -> None:
    def refuse(_: bytes) -> Content:
        raise KztError("no")

    before = time.time_ns()
    with pytest.raises(KztError, match="no"):
        write.update(path, refuse)
    assert path.read_bytes() == b"old\n"
    assert path.stat().st_mtime_ns <= before
    assert list(path.parent.iterdir()) == [path]


@pytest.fixture(scope="module")
def strace() -> None:
    """The program, or a reason why there is none."""
    if not strace_works():
        why = "needs a working strace: apt install strace"
        if os.environ.get("KZT_REQUIRE_STRACE"):
            pytest.fail(why)
        pytest.skip(why)
