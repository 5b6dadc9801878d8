"""The library's face: what a notebook or a script imports."""

import pickle
import subprocess
import sys

import pytest

import kztimeline
from kztimeline import Timeline
from tests.conftest import SMALL, environment

TEXT = SMALL.read_text("utf-8")


def test_all_that_there_is_can_be_seen_and_imported() -> None:
    assert {"load", "loads", "read", "select", "state", "gaps", "diff", "check"} < set(
        dir(kztimeline)
    )
    for name in dir(kztimeline):
        assert getattr(kztimeline, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        kztimeline.nothing  # noqa: B018


def test_a_record_is_asked_compared_and_written() -> None:
    record = kztimeline.loads(TEXT)
    assert kztimeline.read(TEXT).timeline == record
    assert kztimeline.read("x").problems[0].line == 1
    assert [problem.severity for problem in kztimeline.check(TEXT)] == ["warning"] * 2
    assert kztimeline.reformat(TEXT).count("[[event]]") == len(record.events)
    chosen = kztimeline.select(record, kztimeline.Filter(topic=frozenset({"un"})))
    assert [event.id for event in chosen.events] == ["2006-covenant", "2022-review"]
    assert kztimeline.gaps(chosen).open == ()
    assert not kztimeline.diff(record, record)
    assert str(kztimeline.render(record, "md")).startswith("# Reforms")
    with pytest.raises(kztimeline.KztError, match="unknown format"):
        kztimeline.render(record, "pdf")


def test_events_can_be_hashed_and_a_record_pickled(small: Timeline) -> None:
    assert len({*small.events, *small.events}) == len(small.events)
    copy = pickle.loads(pickle.dumps(small))
    assert copy == small
    assert copy.events[1].state == small.events[1].state


def test_asking_for_nothing_imports_nothing() -> None:
    script = "import sys, kztimeline; print([m for m in sys.modules if 'kztimeline.' in m])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
