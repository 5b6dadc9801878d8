"""What Markdown would take for markup, and web addresses: texts that must show as themselves."""

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


def _trimmed(text: str) -> str:
    return text.strip(" \u00a0\u3000")


TRIMMED = list(dict.fromkeys(map(_trimmed, TEXTS)))
# What a field of several lines, or a comparison of words, shows as it is.
PLAIN = [text for text in TRIMMED if text == " ".join(text.split())]

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
