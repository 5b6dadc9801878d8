"""What every format of `kzt export` must keep: the filters, the same bytes, whole files, time."""

import csv
import io
import json
import re
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kztimeline import Timeline, loads
from kztimeline.query.filter import Filter, select
from kztimeline.renderers.views import VIEWS, How
from tests.bench import records
from tests.conftest import SMALL, Run
from tests.processes import run_all

# Word's files are no texts: see test_word.py.
FORMATS = tuple(form for form in VIEWS["export"] if form != "docx")

# The titles, or for a bibliography the documents, that a text of each format tells.
TOLD: dict[str, Callable[[str], list[str]]] = {
    "html": lambda text: re.findall(r'^<h4 dir="auto" data-search>(.*)</h4>$', text, re.MULTILINE),
    "md": lambda text: re.findall(r"^### (.*)$", text, re.MULTILINE),
    "json": lambda text: [event["title"] for event in json.loads(text)["events"]],
    "csv": lambda text: [
        row["title"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    ],
    "csl": lambda text: [item["title"] for item in json.loads(text)],
    "timelinejs": lambda text: [event["text"]["headline"] for event in json.loads(text)["events"]],
    "mermaid": lambda text: re.findall(r" : (.*)$", text, re.MULTILINE),
    # An event is in every lane of its topics.
    "svg": lambda text: [
        *dict.fromkeys(
            re.findall(
                r"^<g><title>.*?: (.*?)(?: \((?:contested|alleged|scheduled)\))*</title>$",
                text,
                re.MULTILINE,
            )
        )
    ],
    "toml": lambda text: [event.title for event in loads(text).events],
}

FILTERS = ["--topic un", "--in 2020 --certain", "--kind law -s ministry-2021", "-q nothing-at-all"]
FILTERS += [
    "--contested",
    "--status alleged",
    "--since 2014 --until 2019",
    "--limit 2",
    "--limit 0",
]


def test_each_format_is_looked_at() -> None:
    assert set(TOLD) == set(FORMATS)


@pytest.mark.slow
def test_filters_choose_for_every_format(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "events.toml")
    commands = {
        (form, wanted): ("export", form, *wanted.split()) for form in FORMATS for wanted in FILTERS
    }
    results = run_all(commands.values(), tmp_path)
    record = loads(SMALL.read_text("utf-8"))
    for (form, wanted), command in commands.items():
        done = results[command]
        assert (done.code, done.err) == (0, ""), command
        listed = json.loads(results["export", "json", *wanted.split()].out)["events"]
        titles = [event["title"] for event in listed]
        if form == "csl":
            cited = {citation["source"] for event in listed for citation in event["sources"]}
            titles = [source.title for key, source in record.sources.items() if key in cited]
        # The one apostrophe there is, and how each writes it.
        shown = [re.sub(r"\\'|&?#(39|x27);", "'", title) for title in TOLD[form](done.out)]
        if form == "svg":
            shown, titles = sorted(shown), sorted(titles)
        assert shown == titles, command


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_writes_the_same_bytes_each_time(form: str, kzt: Run) -> None:
    args = ["export", form, "--file", str(SMALL), "--topic", "assembly"]
    first, again = (kzt(*args, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2"))
    assert first.out == again.out != ""


def test_every_format_writes_whole_files_and_never_the_record(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "events.toml")
    (tmp_path / "folder").mkdir()
    commands = [("export", form, "-o", name) for form in FORMATS
                for name in ("events.toml", "folder", "none/x", f"new.{form}")]  # fmt: skip
    plain = [("export", form) for form in FORMATS]
    results = run_all([*commands, *plain], tmp_path)
    for form in FORMATS:
        refused = [
            results["export", form, "-o", name] for name in ("events.toml", "folder", "none/x")
        ]
        assert [done.err for done in refused] == [
            "events.toml: is the events file itself; choose another name\n",
            "folder: is a directory\n",
            "none: no such folder\n",
        ]
        assert {(done.code, done.out) for done in refused} == {(2, "")}
        written = (tmp_path / f"new.{form}").read_bytes()
        assert written.decode() == results["export", form].out
    assert (tmp_path / "events.toml").read_bytes() == SMALL.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {
        "events.toml", "folder", *(f"new.{form}" for form in FORMATS)
    }  # fmt: skip


@pytest.mark.parametrize(
    "record", [loads(""), loads('[topic]\na = "A"\n')], ids=["empty", "unused"]
)
def test_a_record_without_events_is_a_document(record: Timeline) -> None:
    for form in FORMATS:
        text = str(VIEWS["export"][form](select(record, Filter()), How("0 events")))
        assert TOLD[form](text) == []


BARE = """\
[source.s]
title = "Paper"
date = "2021"
perspective = "ngo"
[[event]]
id = "a"
date = "[..2010,2015,2019..]"
title = "A"
kind = "law"
topics = []
summary = "A."
sources = []
[[event]]
id = "b"
date = "../2003"
title = "B"
kind = "law"
topics = []
summary = "B."
sources = [{ source = "s", at = "page 1" }]
"""


def test_what_may_be_missing_may_be_missing() -> None:
    record = loads(BARE)
    for form in FORMATS:
        text = str(VIEWS["export"][form](select(record, Filter()), How("2 events")))
        assert sorted(TOLD[form](text)) == (["Paper"] if form == "csl" else ["A", "B"])


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "many.toml"
    path.write_text(records.toml(5_000), "utf-8")
    return path


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_five_thousand_events_of_another_record(form: str, many: Path, kzt: Run) -> None:
    start = _seconds()
    done = kzt("export", form, "--file", str(many))
    # A quarter of it on a laptop: what grows faster than the record is caught, a busy machine not.
    assert _seconds() - start < 6
    assert done.code == 0
    assert len(TOLD[form](done.out)) == (len(records.SOURCES) if form == "csl" else 5_000)
