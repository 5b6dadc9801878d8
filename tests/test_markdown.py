"""Markdown shows the file's texts and nothing else, as cmark-gfm and pandoc read it.

The oracle: a document is rendered twice, once with harmless words in place of the hostile texts.
Read back, both must be the same sequence of elements, links and texts, but for each word, in
whose place stands the hostile text to the letter. Code spans count as text: putting one around
what GitHub would link is our means.
"""

import html.parser
import json
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, groupby, zip_longest
from typing import Any
from urllib.parse import unquote

import cmarkgfm
import pypandoc
import pytest
from cmarkgfm.cmark import Options
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kztimeline import Citation, Event, Matter, PartialDate, Source, Timeline, loads
from kztimeline.query.diff import between, compare
from kztimeline.query.filter import Filter, select
from kztimeline.renderers import commonmark, markdown
from kztimeline.text.gate import defuse, line
from tests.conftest import SMALL, Run, golden
from tests.test_json import edited

# --- hostile texts -----------------------------------------------------------------------------

# One text a line, by what it would be if it were read as Markdown.
HOSTILE: dict[str, list[str]] = {
    name: block.strip("\n").split("\n")
    for name, block in {
        "emphasis": r"""
*a*
**a**
***a***
_a_
__a__
_a_b_c_
a*b*c
**a*b
*
**
a * b
* a
_ a
~~a~~
~a~
a~b~c
a^b^c
^a^
H~2~O
x ~ y ~ z
==a==
++a++
~~~~
*a _b **c** d_ e*
**a**b
*(a)*b
_*_
\*a\*
\\*a\\*
""",
        "code": r"""
`a`
``a``
```a```
`
``
```
````
`````````````````
a`
`a
a``b`c```d
` a `
` `` `
\`a\`
`\`
`a\`b`
``` js
~~~
~~~ js
`<b>`
`a`{.b}
`a`{=html}
@`
@``
`@
`@`
``@`b```
@a`b
a`@b`c``d@e`
`http://example.org`
""",
        "headings": r"""
# a
## a
###### a
####### a
#
##
#a
# a #
a #
a ##
a #b
a \#
#\
===
---
=
-
=== ===
# a {#b .c}
a {#b}
a {.c d=e}
a {-}
#+ a
%a
% a
""",
        "lists": r"""
- a
+ a
* a
-
+
- - a
- [ ] a
- [x] a
[ ] a
[x] a
1. a
1) a
0. a
10. a
123456789. a
1234567890. a
1.
1)
1.a
a. b
a) b
A. b
A.  b
i. a
iv) a
IV. a
xviii. a
(1) a
(a) b
(iv) a
(i)
(ii)  a
#. a
#) a
@. a
(@) a
(@good) a
- 1. a
-a
+a
+7 701 000
-5 degrees
1 a
mix. a
civil) a
2020. a
٣. a
é. a
""",
        "quotes and rules": r"""
> a
>a
>
> > a
>> [!NOTE]
> [!WARNING]
***
* * *
___
_ _ _
- - -
--- a
----
+++
...
. . .
---
""",
        "definitions and captions": r"""
: a
:a
:   a
~ a
::: a
::: {.a}
:::
::: warning
Table: a
table: a
Table:a
TABLE: a
: Table
Term: a
| a
| a | b
|a|b|
|---|---|
|
||
\|
\\|
\\\|
a|b
a\|b
a\\|b
`a|b`
`a\|b`
@a|b
@a\|b
a|@|b
|@
@|
+---+
+===+
| - | - |
-- --
---- ----
a  b
""",
        "links and images": r"""
[a](b)
[a](https://example.org)
[a](javascript:alert(1))
[a][b]
[a][]
[a]
[]
[]()
[](https://example.org)
![a](https://example.org/beacon.png)
![](x)
![a][b]
![a]
!
a!
a![
a!\
!\[a](b)
[![a](b)](c)
[a]: b
[a]: <b> 'c'
[a](<b c> "d")
[a\](b)
[a]\(b)
\[a](b)
\\[a](b)
]
[
](x)
](https://example.org)
a](b)[c
[[a]]
[[a|b]]
[a]{.b}
[a]{#b}
[Sources]
[Events]
[kept]
<https://example.org>
<mailto:a@example.org>
<a@example.org>
<a>
[a](b){target=_blank}
[a](b "c
[a](`b`)
""",
        "footnotes and citations": r"""
[^1]
[^s0]
[^s0]: a
[^a]: b
^[a]
a^[b]c
[^a
[^]
@a
@a [p. 1]
[@a]
[@a, p. 1]
[-@a]
-@a
[see @a; @b]
@{a}
@{https://example.org}
*[HTML]: a
*[a]: b
""",
        "html": r"""
<b>a</b>
<b
<b>
</b>
<br>
<br/>
<img src=x onerror=alert(1)>
<img src="https://example.org/beacon.png">
<script>alert(1)</script>
<details><summary>a</summary>b</details>
<details open>
</details>
</section></ol>
</li></ul></td></tr></table>
<!-- a -->
<!--
-->
<!-- a
<!DOCTYPE html>
<![CDATA[a]]>
<?php a ?>
<?
<style>*{display:none}</style>
<textarea>
<title>
<plaintext>
<a href="javascript:alert(1)">a</a>
<svg/onload=alert(1)>
a<b>c
a < b > c
a <b
<
>
<>
< b>
<a href='
"><b>
'><b>
\<b>
\\<b>
<b\>
<kbd>Q</kbd>
<picture>
<x-y z=1>
""",
        "entities": r"""
&amp;
&lt;b&gt;
&copy;
&nbsp;
&#42;a&#42;
&#x2a;
&#0;
&#96;a&#96;
&NotEqualTilde;
&bogus;
&copy
&
&&amp;
&amp;amp;
AT&T
R&D;
&#
&;
&#x;
\&amp;
&commat;a
&num;1
&#64;a
&#35;1
a &amp b
""",
        "autolinks": r"""
www.example.org
WWW.example.org
(www.example.org)
see www.example.org.
*www.example.org*
_www.example.org_
~www.example.org~
www.
http://example.org
https://example.org
HTTPS://EXAMPLE.ORG
https://example.org/a_b_c
https://example.org/*a*
https://example.org/?a=1&b=2
https://example.org/?a&copy;b
https://example.org/(a)
(https://example.org)
"https://example.org"
https://example.org/`a`
https://example.org/a|b
https://example.org::a
https://
http://a
ftp://example.org
a://b
xhttp://example.org
mailto:a@example.org
xmpp:a@example.org/b
a@example.org
a.b+c@example.org.
a@b
_a_@example.org
git://example.org
javascript://example.org
javascript:alert(1)
tel:+77010000000
data:text/html,a
doi:10.1000/182
urn:isbn:0
example.org
://
:/
""",
        "mentions": r"""
@name
@Name
@org/team
(@name)
.@name
a @name b
a/@name
[@name]
*@name*
\@name
\\@name
@name@name
@name's
"@name"
@-a
@ a
@
@@
a@
＠name
@name|@name
@1
@everyone
""",
        "references": r"""
#12
#1
(#12)
a#12
GH-1
gh-1
(GH-12)
owner/repo#1
owner#1
owner/repo@a5c3785ed8d6a35868bc169f07e40e889087fd2e
a5c3785ed8d6a35868bc169f07e40e889087fd2e
a5c3785
A5C3785
(a5c3785)
a5c3785.
x/a5c3785
a5c3785-a5c3785
1234567
12345678901234567890
acceded
defaced
a5c378
1e10000
CVE-2021-44228
GHSA-jfh8-c2jp-5v3q
closes #1
fixes owner/repo#12
#１２
##1
#-1
\#12
\\#12
issue#
№12
&#12
""",
        "emoji": r"""
:smile:
:+1:
:-1:
:100:
a:smile:b
::smile::
:smile:smile:
:smile
smile:
:a b:
12:30:45
:)
:e-mail:
:flag_kz:
\:smile:
:smile\:
:
::
:::
a::b
::a::b::
::error file=a::b
##[error]a
x##[
@::
::@a::b
::@##[|a
1::@::1
Foo::Bar::baz
""",
        "mathematics": r"""
$x$
$$x$$
a $x$ b
$1 and $2
$`x`$
$5
US$5
$
$$
$a b$
\$x\$
\\$x\\$
$x$1
\(x\)
\[x\]
\begin{align}a\end{align}
\begin{b}
\a
\a{b}
\newcommand{\a}{b}
$\a$
""",
        "smart punctuation": r"""
"a"
'a'
a's
the '90s
'
"
''
""
'"a"'
"'a'"
a"b"c
5'10"
--
---
----
a--b
a---b
a -- b
a --
-- a
-a-
...
....
.....
a...
...a
a…
a.. b
..
[..2021]
“a”
‘a’
“a
a”
„a“
«a»
“a ‘b’ c”
‘’
’
a’s
“"a"”
“‘a”’
\'
\"
\--
\...
""",
        "abbreviations": r"""
p. 12
pp. 1
see p. 12 and cf. p. 3
No. 5
e.g. a
i.e. a
Mr. X
Mrs. X
Dr. X
Ph.D. a
M.A. a
etc. a
c. 2016
(cf. a)
[p. 1]
"p. 1
vs. a
St. a
p.
Inc.
a. b. c. d
Sept. 1
q.v. a
art. 20
x.p. 1
Mr.. a
""",
        "backslashes": r"""
\
\\
\\\
a\
a\\
\a
a\ b
\ a
\1
\&
\#
\(
\)
\.
1\. a
\- a
\u{1b}
C:\a\b
\_
\`
\~
\{
\}
\[a\]
\<b\>
\|
\*
a \* b
\n
\x1b[31m
""",
        "other": r"""
{.a}
{#a}
{{a}}
{% raw %}
{{< a >}}
{a=b}
{=html}
{
}
{}
a{.b}
a {.b}
[/]
[link=a]b[/link]
(c) (r) (tm)
(
)
()
a_b_c
snake_case_word
a/b
100%
a=b
a = b
a + b
a - b
a—b
a–b
5 > 3
-> a
<- a
<->
=> a
~5
^
1^st^
!a
?
;
,
a,b
%a%
-- a --
=cmd()
+1
-1
1/2
TODO
---json
+++toml
Қазақстан
中文 文字
مرحبا
é
👍
a👍b
🇰🇿
""",
    }.items()
}
HOSTILE["white space"] = [
    "a\nb", "a\n\nb", "a\r\nb", "a\rb", "\na", "a\n", "a\tb", "\ta", "a\t", "    a", "  a", "a  ",
    "a    b", "a  \nb", "a\\\nb", "a\n===", "a\n---", "a\n# b", "a\n\n# b", "a\n- b", "a\n> b",
    "a\n\n    b", "a\n\n[b]: c", "a\n```\nb", "a\n|b|c|\n|-|-|", "a\n: b", "a\n\n: b", "a\n:::\nb",
    "a\n\n[^s0]: b", "a\n\n<b>", "a\n@b", "a\n#1", "\n::error::a", "a\r::error::b", "a\x0bb",
    "a\x0cb", "a\x85b", "a\u2028b", "a\u2029b", "a\u00a0b", "\u00a0a\u00a0", "\u3000a\u3000",
    "a\u2003b", "a\u202fb", "\u00a0@b", "1.\u00a0a", "-\u00a0a", "#\u00a0a", "a\u00a0#", "@\u3000",
    "p.\u00a01", "\u00a0*a*",
]  # fmt: skip
HOSTILE["characters"] = [
    "a\x00b", "\x00", "a\x1b[31mb", "\x1b]52;c;YQ==\x07", "\x1b", "a\x7fb", "a\x9bb", "\x9d0;a\x9c",
    "a\u202eb\u202c", "\u2066a\u2069", "a\u200bb", "\u200b", "a\u200db", "a\u00adb", "\ufeffa",
    "a\u2060b", "\u200e#1", "@\u200ba", "w\u200bww.example.org", "\U000e0041\U000e0042", "a\ue000b",
    "\U000f0000", "a\ufffeb", "a\uffffb", "\U0010ffff", "a\u0378b", "a\u0301", "\u0301a", "*\u0301",
    "e\ufe0f", "👨\u200d👩\u200d👧", "\ufffd", "\u061c", "\u180e", "\ufff9a\ufffab\ufffb", "\u0085",
    "\U0001f3f4\U000e0067", "\u115f", "\u3164", "\x1f-", "\x1c", "a\x08b",
]  # fmt: skip
HOSTILE["runs"] = [
    f"{before}{char * length}{after}"
    for char in "`*_~-=#:.>|$\\"
    for length in (1, 3, 5)
    for before, after in (("a", "b"), ("a ", " b"), ("@", "`"))
]
TEXTS = [text for name, texts in HOSTILE.items() if name != "white space" for text in texts]
TEXTS += HOSTILE["white space"]
TEXTS = [text for text in TEXTS if not text.isspace()]


# --- readers -----------------------------------------------------------------------------------

Reader = Callable[[str], list[str]]
"""Markdown → its texts and, each after a NUL, its elements, in order."""

ELEMENT = "\0"


class _Elements(html.parser.HTMLParser):
    """HTML → elements and texts; `loose` has the texts that GitHub looks for references in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loose: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within.append(tag)
        told = "".join(f" {name}={value}" for name, value in attrs)
        self.found += [] if tag == "code" else [f"{ELEMENT}{tag}{told}"]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.within:
            self.within = self.within[: -self.within[::-1].index(tag) - 1]
        self.found += [] if tag == "code" else [f"{ELEMENT}/{tag}"]

    def handle_data(self, data: str) -> None:
        self.found.append(data)
        if not {"a", "code"} & set(self.within):
            self.loose.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"{ELEMENT}comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


LIVE = re.compile(
    r"@\w|\#\d|\bgh-\d|://|www\.|:[a-z0-9_+-]+:|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b|\bcve-\d|\bghsa-",
    re.IGNORECASE | re.ASCII,
)
"""What GitHub would link, or replace, in a text that is neither code nor a link."""


def _html(text: str, extensions: list[str]) -> list[str]:
    page = _Elements()
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    page.feed(cmarkgfm.markdown_to_html_with_extensions(text, options, extensions))
    page.close()
    live = [found for text in page.loose if (found := LIVE.search(text))]
    return _joined([*page.found, *(f"{ELEMENT}github {found[0]}" for found in live)])


def _joined(found: Iterable[str]) -> list[str]:
    """Texts between the same two elements as one, without what white space can differ in."""
    parts = []
    for is_element, group in groupby(found, lambda part: part.startswith(ELEMENT)):
        texts = list(group)
        parts += texts if is_element else [re.sub(r"[ \n\t]+", " ", "".join(texts)).strip(" ")]
    return [part for part in parts if part]


def commonmark_footnotes(text: str) -> list[str]:
    return _html(text, [])


def github(text: str) -> list[str]:
    return _html(text, ["table", "autolink", "strikethrough", "tagfilter", "tasklist"])


def pandoc(form: str) -> Reader:
    def read(text: str) -> list[str]:
        command = [pypandoc.get_pandoc_path(), f"--from={form}", "--to=json"]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        document = json.loads(done.stdout)
        return _joined([f"{ELEMENT}meta {document['meta']}", *_nodes(document["blocks"])])

    return read


_QUOTES = {"DoubleQuote": "“”", "SingleQuote": "‘’"}


def _nodes(node: Any) -> Iterator[str]:
    """Pandoc's syntax tree → elements and texts."""
    if isinstance(node, list):
        for child in node:
            yield from _nodes(child)
    elif isinstance(node, dict) and "t" in node:
        yield from _node(node["t"], node.get("c"))


def _node(kind: str, content: Any) -> Iterator[str]:
    if kind == "Str":
        yield content
    elif kind == "Code":
        yield from [f"{ELEMENT}Code {content[0]}"] if any(content[0]) else []
        yield content[1]
    elif kind in ("Space", "SoftBreak"):
        yield " "
    elif kind == "Quoted":
        quotes = _QUOTES[content[0]["t"]]
        yield quotes[0]
        yield from _nodes(content[1])
        yield quotes[1]
    elif kind in ("BulletList", "OrderedList"):
        yield f"{ELEMENT}{kind}"
        for item in content if kind == "BulletList" else content[1]:
            yield f"{ELEMENT}item"
            yield from _nodes(item)
        yield f"{ELEMENT}/{kind}"
    elif kind == "Cite":
        # What it would be without a bibliography, the second part of its content, isn't shown.
        for one in content[0]:
            yield f"{ELEMENT}Cite {one['citationId']} {one['citationMode']['t']}"
            yield from _nodes([one["citationPrefix"], one["citationSuffix"]])
            yield f"{ELEMENT}/Cite"
    elif not kind.startswith(("Align", "ColWidth")):
        yield f"{ELEMENT}{kind}{_told(kind, content)}"
        yield from _nodes(content)
        yield f"{ELEMENT}/{kind}"


def _told(kind: str, content: Any) -> str:
    """What, besides its children, tells an element from others: level, target, attributes."""
    if kind == "Header":
        return f" {content[0]} {content[1][1:]}"
    if kind in ("Link", "Image"):
        return f" {content[0][1:]} {content[2]}"
    if kind in ("Div", "Span"):
        return f" {content[0]}"
    if kind in ("Math", "RawInline", "RawBlock", "CodeBlock"):
        return f" {content}"
    return ""


PANDOCS = {
    f"pandoc {form}": pandoc(form) for form in ("markdown", "markdown-smart", "gfm", "commonmark_x")
}
READERS: dict[str, Reader] = {"github": github, "commonmark": commonmark_footnotes, **PANDOCS}


def read_all(text: str, readers: Iterable[str] = READERS) -> dict[str, list[str]]:
    """The document as each reader takes it; the pandocs, processes of their own, side by side."""
    with ThreadPoolExecutor() as pool:
        pandocs = {name: pool.submit(READERS[name], text) for name in readers if name in PANDOCS}
        # cmark-gfm is for one thread only.
        return {
            name: pandocs[name].result() if name in pandocs else READERS[name](text)
            for name in readers
        }


# --- the same document with harmless words ------------------------------------------------------

Document = Callable[[list[str]], str]
"""Texts → Markdown that shows each of them in every place that it has."""


def stand_in(number: int, text: str) -> str:
    """A harmless word, as long as the text that it stands for."""
    return f"zq{number}q".ljust(len(line(text)) - 1, "q") + "z"


def shown(text: str) -> str:
    """What a reader must show: the gated text, without what white space can differ in."""
    return re.sub(r"[ \n\t]+", " ", line(text).strip())


def expected(document: Document, texts: list[str], readers: Iterable[str]) -> dict[str, list[str]]:
    harmless = read_all(document([stand_in(n, text) for n, text in enumerate(texts)]), readers)
    return {
        name: [
            re.sub(r"zq(\d+)q+z", lambda found: shown(texts[int(found[1])]), part) for part in read
        ]
        for name, read in harmless.items()
    }


def differences(
    document: Document, texts: list[str], readers: Iterable[str] = READERS
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Where a reader takes a document otherwise than with harmless words: what is read, was due."""
    actual, due = read_all(document(texts), readers), expected(document, texts, readers)
    for name in readers:
        # Two of pandoc's readers compose characters: é of two is read as é of one.
        read, wanted = ([_composed(part) for part in parts[name]] for parts in (actual, due))
        at = next(
            (n for n, pair in enumerate(zip_longest(read, wanted)) if len(set(pair)) > 1), None
        )
        if at is not None:
            yield name, read[max(0, at - 3) : at + 4], wanted[max(0, at - 3) : at + 4]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


# --- documents -----------------------------------------------------------------------------------


def places(texts: list[str], block: Any = commonmark.block, inline: Any = commonmark.inline) -> str:
    """Each text in every kind of place in Markdown."""
    parts = []
    for text in texts:
        parts += [f"# {block(text)}", block(text), f"- {block(text)}\n- **{inline(text)}** a"]
        parts += [f"*{inline(text)}* ({inline(text)})[^s0] ~~{inline(text)}~~ **{inline(text)}**"]
        parts += [f"| a | b |\n|---|---|\n| {inline(text)} | {inline(text)}[^s0] |"]
    return "\n\n".join([*parts, "[^s0]: note", ""])


def record(title: str, entries: Iterable[tuple[str, str, str]]) -> Timeline:
    """A record of entries: an id, the text of the fields of one line, that of the longer ones."""
    topics, matters, sources = {}, {}, {}
    events: list[Event] = []
    for key, text, longer in entries:
        topics[key] = text
        matters[key] = Matter(title=text, topics=(key,))
        sources[key] = Source(
            title=text,
            authors=(text, text),
            publisher=text,
            date=PartialDate.parse("2021"),
            perspective="media",
            url=f"{text} ",  # The space: no text may become a link here.
            note=longer,
        )
        event = Event(
            id=key,
            date=PartialDate.parse(f"20{20 + len(events) // 1000}"),
            title=text,
            kind="law",
            topics=(key,),
            summary=longer,
            state={key: text},
            asks=text,
            dating=text,
            sources=(
                Citation(source=key, at=text, says=text),
                Citation(source=key, at=text, perspective="ngo", disputes=True),
            ),
        )
        events.append(event)
    return Timeline(
        title=title, topics=topics, matters=matters, sources=sources, events=tuple(events)
    )


LONG = "What it was before, at such length that words are compared with words"


def fields(texts: list[str]) -> Timeline:
    """Every text in every field."""
    return record(texts[0], ((f"k{n}", text, text) for n, text in enumerate(texts)))


def full(texts: list[str]) -> str:
    return markdown.events(select(fields(texts), Filter()), texts[-1])


def fields_of_one_line(texts: list[str]) -> str:
    found = record("Title", ((f"k{n}", text, LONG) for n, text in enumerate(texts)))
    return markdown.events(select(found, Filter()), "End")


def table(texts: list[str]) -> str:
    return markdown.table(select(fields(texts), Filter()), texts[-1])


DECADES = (PartialDate.parse("2000"), PartialDate.parse("2030"))


def date_diff(texts: list[str]) -> str:
    return markdown.diff(between(fields(texts), *DECADES, Filter()), "", "")


def version_diff(texts: list[str]) -> str:
    """A third of the texts in what is removed, a third in what changes, a third in the new."""
    kinds = [(f"{'rka'[n % 3]}{n}", text, text) for n, text in enumerate(texts)]
    kept = [entry for entry in kinds if entry[0].startswith("k")]
    removed = [entry for entry in kinds if entry[0].startswith("r")]
    old = record("Before", [*((key, "Before", LONG) for key, _, _ in kept), *removed])
    new = record(texts[0], [entry for entry in kinds if not entry[0].startswith("r")])
    return markdown.versions(compare(old, new), texts[0], texts[-1], texts)


def _trimmed(text: str) -> str:
    return text.strip(" \u00a0\u3000")


TRIMMED = list(dict.fromkeys(map(_trimmed, TEXTS)))
# What a field of several lines, or a comparison of words, shows as it is.
PLAIN = [text for text in TRIMMED if text == " ".join(text.split())]
PANDOC = ["pandoc markdown", "pandoc commonmark_x"]

DOCUMENTS: list[tuple[Document, list[str], list[str]]] = [
    (places, TEXTS, list(READERS)),
    (full, PLAIN, ["github", "commonmark", *PANDOC]),
    (fields_of_one_line, TRIMMED[-120:], ["github", *PANDOC]),
    (table, PLAIN, ["github", *PANDOC]),
    (date_diff, PLAIN, ["github", *PANDOC]),
    (version_diff, PLAIN, ["github", *PANDOC]),
]


@pytest.mark.parametrize(
    ("document", "texts", "readers"), DOCUMENTS, ids=[entry[0].__name__ for entry in DOCUMENTS]
)
def test_hostile_texts_show_as_themselves_and_as_nothing_else(
    document: Document, texts: list[str], readers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "COMMENT_LIMIT", 10**9)
    assert list(differences(document, texts, readers)) == []


# Short ones, so that a headline names its effects.
_some = st.lists(
    st.lists(
        st.sampled_from([*TEXTS, *"`*_~-=#:.>|$\\[]{}()<>&\"'!@^+%/? 1aé"]) | st.text(max_size=3),
        min_size=1,
        max_size=5,
    )
    .map("".join)
    .map(lambda text: " ".join(text.split())[:60].strip())
    .filter(bool),
    min_size=1,
    max_size=6,
    unique=True,
)


@pytest.mark.parametrize("document", [full, table, date_diff, version_diff, places])
@given(texts=_some)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_texts_show_as_themselves_and_as_nothing_else(
    document: Document, texts: list[str]
) -> None:
    assert list(differences(document, texts, ["github", "commonmark"])) == []


@given(texts=st.lists(_some, min_size=10, max_size=20).map(lambda lists: [*chain(*lists)]))
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
def test_any_texts_show_as_themselves_in_pandoc(texts: list[str]) -> None:
    assert list(differences(places, texts, PANDOC)) == []


def _backslashes(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>])", r"\\\1", line(text))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_oracle_sees_through_a_naive_escaper(name: str) -> None:
    def is_caught(naive: Callable[[str], str]) -> bool:
        texts = [text for text in HOSTILE[name] if not text.isspace()]
        document = partial(places, block=naive, inline=naive)
        readers = ("github", "pandoc markdown")
        return any(list(differences(document, texts, [reader])) for reader in readers)

    assert is_caught(line)
    # What backslashes can stop, they do.
    assert is_caught(_backslashes) or name in ("headings", "quotes and rules")


@pytest.mark.parametrize("document", [full, table, date_diff, version_diff, places])
def test_nothing_in_markdown_is_a_command_to_a_runner(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    written = document(PLAIN)
    assert defuse(written) == written


# --- raw text: as little noise as is safe ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Rallies need notification, not permission (since 2020).", ...),
        ("Закон «О порядке организации», статья 5: право граждан.", ...),
        ("Kazakhstan acceded to it at 10 % – “in full”; so what? Yes!", ...),
        ("pages 3-4 and 7/8, well-known, A/HRC/46/12", ...),
        ("a > b, 1 + 1 = 2", ...),
        ('The country\'s "law"', r"The country\'s \"law\""),
        ("ratified... at last", r"ratified\... at last"),
        ("1995--2000", r"1995\--2000"),
        ("see p. 12, art. 3", r"see p\. 12, art. 3"),
        ("O‘zbekiston", "O&lsquo;zbekiston"),
        ("AT&T & Co", r"AT\&T & Co"),
        ("by @name at 10:30", "by `@name` at 10:30"),
        ("a@b|#1::c", r"`a@b`\|`#1`\:\:`c`"),
        ("`@", "`` `@ ``"),
        ("see (#1), @a; www.b.org...", r"see (`#1`), `@a`; `www.b.org`\..."),
        ("  a \u200b\n ", r"a \\u\{200b}\\u\{a}"),
    ],
    ids=lambda value: "as it is" if value is ... else None,
)
def test_inline(text: str, written: Any) -> None:
    assert commonmark.inline(text) == (text if written is ... else written)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2020. A year", r"2020\. A year"),
        ("2.5 million", "2.5 million"),
        ("iv) four", r"iv\) four"),
        ("(a) first", r"\(a) first"),
        ("(as told by some)", "(as told by some)"),
        ("- a", r"\- a"),
        ("-5 degrees", "-5 degrees"),
        ("+7 701", "+7 701"),
        ("> a", r"\> a"),
        ("Table: a", r"Table\: a"),
        ("Talks: a", "Talks: a"),
        (": a", r"\: a"),
        ("[x] a", "`[x]` a"),
        ("Parliament. It", "Parliament. It"),
    ],
)
def test_block(text: str, written: str) -> None:
    assert commonmark.block(text) == written


# --- links ---------------------------------------------------------------------------------------

ADDRESSES = [
    r"https://example.org",
    r"http://example.org/",
    r"HTTPS://EXAMPLE.ORG/",
    r"https://localhost:8080/a",
    r"https://a.b.c./?#",
    r"https://example.org/a_b_c?d=e&f=g#h",
    r"https://example.org/*a*/~b~/!c/$d$/(e)/[f]/;g,h/@i/:j:/+",
    r"https://example.org/?a=1&copy=2&lt;b&amp;c&#42;d&amp",
    r"https://example.org/:::::a##[b]",
    r"https://example.org/a--b...c",
    r"https://example.org/](b)",
    r"https://example.org/%20a%zz%",
    r"https://example.org/#12",
    r"https://[2001:db8::1]:8080/a",
]

NO_ADDRESSES = [
    "javascript:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)", "data:text/html,a",
    "ftp://example.org", "mailto:a@example.org", "file:///etc/passwd", "//example.org", "a", "https:",
    "https://", "https:///a", "https:example.org", "http:/a", "https://?a", "https://#a", "https://:80/",
    "https://user@example.org", "https://user:word@example.org", "https://@example.org",
    "https://[::1", "https://example.org:port/", "https://example.org:99999/", "https://a b",
    " https://example.org", "https://example.org ", "https://example.org\n", "https://exa\tmple.org",
    "https://example.org/\\a", "https://example.org\\@b", "https://example.org/<b>",
    "https://example.org/\"a", "https://example.org/'a", "https://example.org/`a`",
    "https://example.org/a|b", "https://example.org/{a}", "https://example.org/^a",
    "https://пример.рф", "https://example.org/\u202e", "https://example.org/\x00",
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "write", [commonmark.address, lambda url: commonmark.link(url, url)], ids=["address", "link"]
)
def test_a_web_address_is_a_link_to_it(write: Callable[[str], str], reader: str) -> None:
    read = READERS[reader]("\n\n".join(f"a {write(url)} b" for url in ADDRESSES))
    links = [re.match(r"\0a href=(\S*)|\0Link .*\['(.*)', ''\]$", part) for part in read]
    targets = [found[1] or found[2] for found in links if found]
    assert [unquote(target) for target in targets] == [unquote(url) for url in ADDRESSES]
    texts = "".join(part for part in read if not part.startswith(ELEMENT))
    assert texts == "".join(f"a{url}b" for url in ADDRESSES)


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_web_address_is_text(url: str) -> None:
    for written in (commonmark.address(url), commonmark.link("a", url)):
        read = [part for part in github(f"a {written} b") if part.startswith(ELEMENT)]
        assert read == ["\0p", "\0/p"]


# --- the small record ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("full.md", ["export", "md"]),
        ("table.md", ["export", "md", "--style", "table"]),
        ("contested.md", ["export", "md", "--contested", "--since", "2020-03"]),
        ("dates.md", ["diff", "2011", "2020", "--format", "md"]),
    ],
)
def test_whole_documents(name: str, args: list[str], kzt: Run) -> None:
    done = kzt(*args, "--file", str(SMALL))
    assert (done.code, done.err) == (0, "")
    golden(name, done.out)


def test_whole_comment_on_an_edit(small: Timeline) -> None:
    warnings = ["the state of libel changed and no citation did", "an id was changed"]
    diff = compare(small, loads(edited()))
    golden("versions.md", markdown.versions(diff, "HEAD:a.toml (file)", "a.toml (file)", warnings))


def outline(read: list[str]) -> list[tuple[int, str]]:
    """The headings of a document with their levels."""
    found = []
    for n, part in enumerate(read):
        level = re.match(r"\0(?:h|Header )([1-6])", part)
        if level:
            end = next(m for m in range(n + 1, len(read)) if re.match(r"\0/[hH]", read[m]))
            texts = [text for text in read[n + 1 : end] if not text.startswith(ELEMENT)]
            found.append((int(level[1]), "".join(texts)))
    return found


@pytest.mark.parametrize("reader", READERS)
def test_headings_are_ours(reader: str, small: Timeline) -> None:
    read = READERS[reader](markdown.events(select(small, Filter()), "9 events"))
    years = ["By 2005", "2006", "2009", "2011", "2014", "2018", "2020", "2022"]
    told = [(1, small.title), *((2, year) for year in years), (2, "Sources")]
    assert sorted(outline(read)) == sorted([*told, *((3, event.title) for event in small.events)])
    assert outline(read)[:3] == [(1, small.title), (2, "By 2005"), (3, small.events[0].title)]


WRITTEN: dict[str, Callable[[Timeline], str]] = {
    "full": lambda record: markdown.events(select(record, Filter()), "End"),
    "table": lambda record: markdown.table(select(record, Filter()), "End"),
    "dates": lambda record: markdown.diff(between(record, *DECADES, Filter()), "", ""),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_footnotes_and_list_items_are_ours(
    write: Callable[[Timeline], str], small: Timeline
) -> None:
    written = write(small)
    defined = re.findall(r"^\[\^([a-z0-9-]+)\]: ", written, re.MULTILINE)
    cited = re.findall(r"\[\^([a-z0-9-]+)\](?!:)", written)
    items = len(re.findall(r"^ *- ", written, re.MULTILINE))
    assert sorted(defined) == sorted(cited)
    assert len(defined) == len(set(defined))
    for name in ("github", "commonmark") if write is not WRITTEN["table"] else ("github",):
        read = READERS[name](written)
        assert sorted(part for part in read if part.startswith("\0li id=fn-")) == [
            f"\0li id=fn-{key}" for key in sorted(defined)
        ]
        assert read.count("\0sup class=footnote-ref") >= len(cited)
        assert read.count("\0li") == items
    for name in READERS:
        read = READERS[name](written)
        assert "[^" not in "".join(read)
        if name.startswith("pandoc"):
            assert (read.count("\0Note"), read.count("\0item")) == (len(cited), items)


@pytest.mark.parametrize("slug", ["-", "--", "---", "1", "0-0", "a--b", "x" * 64, "con", "sources"])
def test_any_slug_can_be_a_footnote(slug: str) -> None:
    written = full(["a"]).replace("k0", slug)
    for name in READERS:
        read = READERS[name](written)
        assert "[^" not in "".join(read)
        assert slug in "".join(part for part in read if not part.startswith(ELEMENT))


def test_prose_of_several_lines_and_paragraphs(small: Timeline) -> None:
    prose = "One\r\ntwo.\n\n\n- Three\nfour\n\n# Five\n"
    source = small.sources["daily-2021"]._replace(note=prose)
    event = small.events[0]._replace(summary=prose)
    changed = small._replace(
        events=(event, *small.events[1:]), sources={**small.sources, "daily-2021": source}
    )
    written = full_text = markdown.events(select(changed, Filter()), "End")
    assert "\n\nOne two.\n\n\\- Three four\n\n\\# Five\n\n" in written
    assert "Media. One two. - Three four \\# Five\n" in full_text
    comment = markdown.versions(compare(small, changed), "old", "new")
    assert "**One two. - Three four \\# Five**" in comment


def test_a_change_shows_characters_that_words_would_lose(small: Timeline) -> None:
    words = "one two three four five six seven eight nine ten eleven twelve"
    event = small.events[0]._replace(title=words.replace(" three ", "\x85\u2028\x1f"))
    old = small._replace(events=(event._replace(title=words), *small.events[1:]))
    comment = markdown.versions(
        compare(old, small._replace(events=(event, *small.events[1:]))), "", ""
    )
    assert r"\\u\{85}\\u\{2028}\\u\{1f}" in comment


# --- the length of a comment -----------------------------------------------------------------------


def _many(count: int, text: str) -> Timeline:
    return record("A", ((f"k{n}", f"{text} {n}", text) for n in range(count)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_many(0, "a"), _many(3000, "a")),
        (_many(3000, "a"), _many(0, "a")),
        (_many(500, "a"), _many(500, "b")),
        (_many(0, "a"), _many(300, "👍🏽 Қазақстан " * 20)),
        (_many(0, "a"), _many(60, "\x1b\u202e`" * 60)),
        (_many(0, "a"), _many(2, "a|@" * 2000)),
    ],
    ids=["added", "removed", "changed", "wide", "escaped", "huge"],
)
def test_a_comment_is_cut_between_changes_and_says_so(
    old: Timeline, new: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = "rev:" + "\u202e" * 5000
    told = (label, label, [f"- {label}"] * 1000)
    comment = markdown.versions(compare(old, new), *told)
    monkeypatch.setattr(markdown, "COMMENT_LIMIT", 10**9)
    whole = markdown.versions(compare(old, new), *told)
    kept, _, end = comment.removesuffix("\n").rpartition("\n\n")
    said = re.fullmatch(r"([\d,]+) more changes? not shown: this comment would be too long\.", end)
    assert len(comment.encode()) <= 60_000 < len(whole.encode())
    assert said
    assert whole.startswith(f"{kept}\n\n**")
    changes = r"^\*\*(?:Added|Removed|Changed)\*\* |^\*\*.*\*\* stands differently"
    left = len(re.findall(changes, whole[len(kept) :], re.MULTILINE))
    assert left == int(said[1].replace(",", ""))


def test_a_short_comment_is_whole(small: Timeline) -> None:
    comment = markdown.versions(compare(small, loads(edited())), "old", "new")
    assert "not shown" not in comment
    assert "**1 event added, 1 removed, 3 changed" in comment
