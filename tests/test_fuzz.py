"""Mutants of records: nothing but `KztError` escapes. For longer: ``python -m tests.fuzz``."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kztimeline.renderers import plain
from tests.fuzz.mutants import bases, mutant, mutate
from tests.fuzz.target import events, exercise


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=40)
def test_mutants_are_read_checked_and_rendered(seed: int) -> None:
    exercise(mutant(seed))


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@settings(max_examples=60)
def test_anything_is_read_checked_and_rendered(data: bytes) -> None:
    exercise(data)


def test_mutants_come_again_and_many_are_records() -> None:
    assert mutant(7) == mutant(7)
    found = [mutant(seed) for seed in range(100)]
    assert len(set(found)) > 90
    assert sum(events(data) is not None for data in found) > 5
    assert all(events(text.encode()) for text in bases())


def test_every_text_has_mutants() -> None:
    for text in (
        "",
        '"',
        'a = "\\q"',
        'a = "\\U0010FFFF"',
        'a = "\t"',
        'a = "\\ud800"',
        "[[event]]",
    ):
        assert all(isinstance(mutate(text, seed), str) for seed in range(200))


@pytest.mark.slow
@pytest.mark.parametrize(
    "naive",
    [
        lambda chosen: "".join(f"{event.title}\n" for event in chosen.events),
        lambda chosen: min(event.date.earliest for event in chosen.events).isoformat(),
    ],
    ids=["prints what it gets", "takes every date for known"],
)
def test_a_naive_renderer_is_found_out(naive: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "events", naive)

    def fails(seed: int) -> bool:
        try:
            exercise(mutant(seed))
        except (AssertionError, TypeError, ValueError):
            return True
        return False

    assert any(fails(seed) for seed in range(1_000) if events(mutant(seed)) is not None)
