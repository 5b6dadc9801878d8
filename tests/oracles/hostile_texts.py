"""Hostile texts of every kind: what terminals obey, what hides, what runners and readers execute."""

from tests.oracles.markdown_texts import HOSTILE

# Of the C0 and C1 controls and the format characters, those that terminals and editors act upon.
_SEQUENCES = [
    "\x1b[31mred", "\x1b[2J", "\x1b[1;1H", "\x1b[?1049h", "\x1b[8m hidden", "\x1b]0;title\x07",
    "\x1b]52;c;ZWNobyBwd25lZA==\x07", "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]1337;File=inline=1:AAAA\x07", "\x1bP+q544e\x1b\\", "\x1bPq#0;2;0;0;0\x1b\\", "\x1b_Ga=T\x1b\\",
    "\x1b^pm\x1b\\", "\x1bXsos\x1b\\", "\x1bc", "\x1b#8", "\x1b(0lqk", "\x1b[6n", "\x1b[5i", "\x1b[c", "\x1b",
    "\x9b31m", "\x9b2J", "\x9d0;title\x9c", "\x9d52;c;YQ==\x07", "\x90q\x9c", "\x98\x9c", "\x9e\x9c",
    "\x9f\x9c", "\x8e", "\x84", "a\rb", "\ra", "a\x08b", "a\x08\x08\x08b", "a\x07", "a\x0bb", "a\x0cb", "\x0e",
    "\x0f", "\x11", "\x13", "\x1a", "\x04", "\x03", "a\x7fb", "a\x00b", "\x00", "a\x85b", "~\x1b[", "\x1b[31",
    "\x1b[0m\x1b[", "\u241b[31m", "a\n\x1b[A\x1b[2Kb", "\x1b[200~a\x1b[201~", "\x1b]4;0;?\x07", "\x1b[>c",
]  # fmt: skip
_HIDDEN = [
    f"a{chr(code)}b"
    for start, end in (
        (0x80, 0x9F), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F),
        (0x8E2, 0x8E2), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),
        (0xE000, 0xE003), (0xF8FF, 0xF8FF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xFFFE, 0xFFFF),
        (0x110BD, 0x110BD), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0x1FFFE, 0x1FFFF),
        (0xE0000, 0xE0001), (0xE0020, 0xE0024), (0xE007F, 0xE0080), (0xF0000, 0xF0001),
        (0xFFFFE, 0xFFFFF), (0x100000, 0x100001), (0x10FFFC, 0x10FFFF), (0x378, 0x379), (0x1F, 0x1F),
    )
    for code in range(start, end + 1)
]  # fmt: skip
_REORDERED = [
    "\u202eevil\u202c", "safe\u202egnp.exe", "\u2066a\u2069\u2067b\u2069", "a\u2028b", "a\u2029b", "\u200e#1",
    "\u061ca", "a\u200bb", "\u200b", "\u2060", "\ufeff", "\ufeffa", "\u00ad", "\u180ea", "\u3164", "\u115fa",
    "\U000e0041\U000e0042\U000e007f", "\U0001f3f4\U000e0067\U000e007f", "\U000f0000", "\U0010fffd",
    "e\u0301\u0302\u0303", "a" + "\u0300" * 60, "\u0488\u0489", "\u0e4e" * 20, "ẩ", "אבג 1", "مرحبا a",
    "\u2800", "\u00a0a\u00a0", "\u3000a", "\u2003", "a\u202fb", "ﷺ", "𒐫", "꧅", "Ω", "Å", "ﬁ", "İ", "ß",
]  # fmt: skip
_MARKUP = [
    "[/]", "[/red]", "[red]", "[bold]a[/bold]", "[link=javascript:alert(1)]x[/link]", "[link=https://x.y]a[/]",
    "[@click=a]b[/]", ":bomb:", ":smile: :warning:", "[bold", "[[red]]", "\\[red]", "[on blink]a", "[#ff0000]a",
    "[/]" * 30, "[a]" * 30, "[[]]", "[", "]", "[not bold]", "[rgb(1,2,3)]x", "{a}", "{0}", "%s%n%d", "{{a}}", "$a",
    "${a}", "$(touch pwned)", "`touch pwned`", "; rm -rf x", "| cat", "&& a", "> x", "'; DROP TABLE a; --", "%00",
    "../../etc/passwd", "file:///etc/passwd", "~/.ssh", "C:\\con", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)",
    "\t=1", "\r=1", "\n=1", '=HYPERLINK("https://x.y","a")', '"', '""', "'", "a\"b'c", ",", ";", "a,b;c\td", "\\", "\\\\",
    "<script>alert(1)</script>", "</script><script>a", "</style><b>", "<!--", "-->", "]]>", "<img src=x onerror=a>",
    "javascript:alert(1)", "java\tscript:a", "\x01javascript:a", "https://[::1", "https://a@b", "&lt;b&gt;", "&#x1b;",
    "title a", "section b", "a: b: c", "a # b", "a; b", "%% a", "gantt", "graph TD", "click a b", "end", "NULL", "None",
    "true", "nan", "undefined", "0", "-0", "1e999", "0x1b", "\\x1b[31m", "\\u001b", "\\u{1b}", "^[[31m", "\\033[31m",
]  # fmt: skip
_COMMANDS = [
    "::error::a", "::error file=a,line=1::b", " ::stop-commands::x", "\t::warning::a", "::add-mask::a", "::debug::",
    "::set-output name=a::b", "::set-env name=PATH::x", "::add-path::x", "::group::a", "::endgroup::", "::save-state::",
    "##[error]a", "x ##[error]y", "##[command]a", "##[group]a", "##[add-mask]a", "###[error]", "a\n::error::b",
    "a\r::error::b", "a\r\n::error::b", "\n::stop-commands::a", "::", ":::", "::::", "a::b::c", "##[", "#\u200b#[", ":\u200b:",
    "\u2028::error::a", "\x0b::error::a", "\x85::error::a", "##vso[task.setvariable variable=a]b", "a:", ":a", ":", "##", "#[",
    "#", "##[##[", "::##[::", ":\n:", "#\n#[", "::error title=::a", "%0A::error::a", "::notice::\u202e",
]  # fmt: skip
_LONG = [
    "x" * 200, "a " * 99 + "a", "é" * 200, "中" * 200, "👍🏽" * 100, "\u202e" * 200, "\x1b" * 200, "::" * 100,
    "[/]" * 66,
]  # fmt: skip

OBVIOUS = [*_SEQUENCES, *_HIDDEN, *_REORDERED, *_MARKUP, *_COMMANDS, *_LONG]
"""What aims at terminals, logs, spreadsheets and pages."""

TEXTS = [
    text
    for text in dict.fromkeys([*OBVIOUS, *(text for texts in HOSTILE.values() for text in texts)])
    if not text.isspace()
]
"""These, and what aims at readers of Markdown: none is refused by the reader."""
