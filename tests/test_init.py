"""`kzt init`: a record to begin with, checked, and its first `kzt add`."""

import json
from pathlib import Path

import pytest

from kztimeline import loads
from kztimeline.edit.draft import begun
from kztimeline.edit.format import formatted
from tests.conftest import Run

FIRST = [
    *("--date", "1991-12-16", "--title", "Independence is declared", "--kind", "law", "-t", "rights"),
    *("--summary", "The law names the rights of citizens.", "-s", "declaration-1948", "--at", "whole"),
    *("--status", "scheduled"),
]  # fmt: skip


def test_a_record_to_begin_with(kzt: Run, tmp_path: Path) -> None:
    done = kzt("init", "new/record", "--title", 'Reforms in "Freedonia"')
    folder = tmp_path / "new" / "record"
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "wrote new/record/events.toml and new/record/events.schema.json;"
        " kzt add makes the first event\n"
    )
    assert sorted(path.name for path in folder.iterdir()) == ["events.schema.json", "events.toml"]
    text = (folder / "events.toml").read_text("utf-8")
    assert loads(text).title == 'Reforms in "Freedonia"'
    assert kzt("check", cwd=folder).out == ""
    assert kzt("fmt", "--check", cwd=folder).code == 0
    first, _, _ = text.partition("\n")
    assert first == "#:schema ./events.schema.json"
    assert json.loads((folder / "events.schema.json").read_text()) == json.loads(kzt("schema").out)


def test_its_first_event(kzt: Run, tmp_path: Path) -> None:
    kzt("init", "--title", "T")
    done = kzt("add", *FIRST)
    assert (done.code, done.out[:41]) == (0, "added 1991-independence-is-declared: even")
    assert len(loads((tmp_path / "events.toml").read_text()).events) == 2


def test_its_first_event_with_its_topic_and_document(kzt: Run, tmp_path: Path) -> None:
    kzt("init", "--title", "T")
    event = {
        "date": "2020", "title": "A law", "kind": "law", "topics": ["assembly"], "summary": "S.",
        "sources": [{"source": "gazette-2021", "at": "page 1"}],
    }  # fmt: skip
    whole = {
        "topics": {"assembly": "Peaceful assembly"},
        "sources": {"gazette-2021": {"title": "Gazette", "date": "2021", "perspective": "official"}},
        "events": [event],
    }  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps(whole))
    done = kzt("add", "--from", "t.json")
    assert (done.code, done.out) == (0, "added 1 event, 1 topic, 1 source: events.toml\n")
    assert kzt("check").out == ""
    assert kzt("fmt", "--check").code == 0


@pytest.mark.parametrize("name", ["events.toml", "events.schema.json"])
@pytest.mark.parametrize("kind", ["file", "folder", "link to nothing"])
def test_nothing_is_overwritten(name: str, kind: str, kzt: Run, tmp_path: Path) -> None:
    path = tmp_path / name
    if kind == "link to nothing":
        path.symlink_to("x")
    elif kind == "folder":
        path.mkdir()
    else:
        path.touch()
    done = kzt("init", "--title", "T")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"{name}: is there already; nothing was written\n"
    assert [other.name for other in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "kzt init: missing --title (see kzt init --help)\n"),
        (["--title", " "], "--title: title must not be empty\n"),
        (["--title", "x" * 301], "--title: title has 301 characters, more than 300\n"),
        (["/dev/null/x", "--title", "x"], "/dev/null/x: not a directory\n"),
    ],
)  # fmt: skip
def test_what_is_refused(args: list[str], told: str, kzt: Run, tmp_path: Path) -> None:
    done = kzt("init", *args)
    assert (done.code, done.out, done.err) == (2, "", told)
    assert list(tmp_path.iterdir()) == []


def test_the_sample_is_canonical() -> None:
    text = begun("T").encode()
    assert formatted("x", text).data == text
