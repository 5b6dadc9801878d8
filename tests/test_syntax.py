"""What people write who don't know TOML, or know other formats better: what is told of it, where."""

import pytest

from kztimeline.record.reading import read

EVENT = """[[event]]
id = "e"
date = "2020"
title = "A title"
topics = ["assembly"]
summary = "A summary"
sources = [{ source = "s", at = "p" }]
"""

# A line of the event → what stands there instead, and what is told: the column, and the message.
SLIPS = [
    ('["assembly"]', '[assembly]', '11: missing opening quote, expected `"`'),
    ('["assembly"]', '[assembly, other]', '11: missing opening quote, expected `"`'),
    ('["assembly"]', '["assembly", other]', '23: missing opening quote, expected `"`'),
    ('["assembly"]', '"assembly", "b"', '10: missing `[` before a list'),
    ('at = "p" }', 'at = "p", disputes = yes }', '49: neither `true` nor `false`: yes'),
    ('at = "p" }', 'at = "p", disputes = True }', '49: neither `true` nor `false`: True'),
    ('at = "p" }', 'at = p }', '33: missing opening quote, expected `"`'),
    ('[[event]]', '[ [event] ]', '2: no blanks between brackets, expected `[[`'),
    ('[[event]]', '[source.a b]', '10: no blanks inside a header'),
    ('[[event]]', '[source a]', '8: no blanks inside a header'),
    ('date = "2020"', 'date: "2020"', '5: write `=` instead of `:`'),
    ('date = "2020"', '"date": "2020",', '7: write `=` instead of `:`'),
    ('date = "2020"', 'date = June 2020', '8: a date needs quotes: "June 2020"'),
    ('date = "2020"', 'date = 25 June 2020', '8: a date needs quotes: "25 June 2020"'),
    ('date = "2020"', 'date = 25.06.2020', '8: a date needs quotes: "25.06.2020"'),
    ('date = "2020"', 'date = 2020-6-5', '8: a date needs quotes: "2020-6-5"'),
    ('date = "2020"', 'date = 2020-02-30', '8: invalid date, expected day between 01 and 29'),
    ('date = "2020"', 'date = 2020-13-01', '8: invalid date, expected month between 01 and 12'),
    ('date = "2020"', 'date = 2019-2020', '8: a date needs quotes: "2019-2020"'),
    ('date = "2020"', 'date = 2020?', '8: a date needs quotes: "2020?"'),
    ('date = "2020"', 'date = [..2020]', '8: a date needs quotes: "[..2020]"'),
    ('date = "2020"', 'date = 2003/..', '8: a date needs quotes: "2003/.."'),
    ('date = "2020"', 'date = 2020-06', '8: a month needs quotes: "2020-06"'),
    ('title = "A title"', 'title = A title', '9: missing opening quote, expected `"`'),
    ('title = "A title"', 'title = A title, and more', '9: missing opening quote, expected `"`'),
    ('title = "A title"', 'title = "The "new" law"', '14: the text ends at this quote; inside it, write \\"'),
    ('title = "A title"', "title = 'Kazakhstan's law'", '20: the text ends at this quote; put it between double quotes'),
    ('title = "A title"', 'title "A title"', '7: missing `=`'),
    ('title = "A title"', 'title "A title",', '7: missing `=`'),
    ('title = "A title"', 'title = "A title",', '18: nothing stands behind a value: ,'),
    ('title = "A title"', 'title = "A title";', '18: nothing stands behind a value: ;'),
    ('date = "2020"', 'date = 2020-06-25?', '8: a date needs quotes: "2020-06-25?"'),
    ('date = "2020"', 'date = 2020-06-25/2020-06-30', '8: a date needs quotes: "2020-06-25/2020-06-30"'),
    ('date = "2020"', 'date = 2020-06-25 asks = "x"', '19: a key begins a new line'),
    ('date = "2020"', 'date = 2020,', '8: a date needs quotes: "2020"'),
    ('id = "e"\n', 'id = "e", topics = ["x"]\n', '9: a key begins a new line'),
    ('title = "A title"', 'title == "A title"', '8: one `=` too many'),
    ('title = "A title"', 'title = 2020-06-25 law', '9: missing opening quote, expected `"`'),
    ('title = "A title"', 'title = `A title`', '9: missing opening quote, expected `"`'),
    ('title = "A title"', 'title = "A title" asks = "x"', '19: a key begins a new line'),
    ('title = "A title"', 'title = "A title", asks = "x"', '18: a key begins a new line'),
    ('title = "A title"', 'title = 2020 law', '9: missing opening quote, expected `"`'),
    ('title = "A title"', 'long title = "A title"', '5: no blanks inside a key'),
    ('title = "A title"', '// a comment', '1: a comment begins with #'),
    ('title = "A title"', '<!-- a comment -->', '1: a comment begins with #'),
    ('title = "A title"', '-- a comment', '1: a comment begins with #'),
    ('title = "A title"', '- title = "A title"', '1: a line begins with its key'),
    ('title = "A title"', 'topics:\n  - assembly', '7: write `=` instead of `:`'),
    ('title = "A title"', 'title = "C:\\docs"', '12: a backslash is written `\\\\`'),
    ('title = "A title"', 'title = ', '9: a value is missing'),
    ('title = "A title"', 'title', '6: key with no value, expected `=`'),
    ('title = "A title"', '= "A title"', '1: no key before `=`'),
    ('title = "A title"', 'title = null', '9: missing opening quote, expected `"`'),
    ('title = "A title"', 'authors = [\n  "A",\ntitle = "A title"', '7: unclosed list, expected `]`'),
    ('source = "s", at', 'source: "s", at', '20: write `=` instead of `:`'),
    ('source = "s", at', 'source = "s" at', '26: missing comma between key-value pairs, expected `,`'),
    ('source = "s", at', 'source = "s"; at', '26: missing comma between key-value pairs, expected `,`'),
    ('[{ source = "s", at = "p" }]', '({ source = "s", at = "p" })', '11: missing opening quote, expected `"`'),
    ('[{ source = "s", at = "p" }]', '[ source = "s", at = "p" ]', '13: missing `{` before the first key'),
    ('[{ source = "s", at = "p" }]', '[{ source = "s", at = "p" }', '38: unclosed array, expected `]`'),
    ('[{ source = "s", at = "p" }]', '[{ "s", "p" }]', '17: extra comma in inline table, expected `=`'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), SLIPS, ids=[new for _, new, _ in SLIPS])
def test_a_slip_is_told_in_words_that_help(old: str, new: str, told: str) -> None:
    assert EVENT.count(old) == 1
    problem = read(EVENT.replace(old, new)).problems[0]
    line = EVENT[: EVENT.index(old)].count("\n") + 1 + ("unclosed list" in told)
    assert problem.line == line
    assert f"{problem.column}: {problem.message}" == told
