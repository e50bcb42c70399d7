"""The style sheet of the pages: its rules, and the colours that mails take from it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from prequal.pages.mail_colours import MAIL_COLOURS, MailColours
from prequal.resources import SHIPPED, find_site

DARK = "@media (prefers-color-scheme: dark)"
# Comments of a style sheet, but not what looks like one in a text or an address.
_COMMENT = re.compile(r"""(?P<kept>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^"')]*\))|\s*/\*.*?\*/""", re.DOTALL)
_BRACE = re.compile(r"[{}]")
# Mail programs know no other notation as well.
_HEX = re.compile(r"#(?:[\da-f]{3}){1,2}", re.IGNORECASE)

# A selector, or an at-rule, with its declarations, or with rules of its own.
Rule: TypeAlias = "tuple[str, str | Sequence[Rule]]"


def find_style() -> Path:
    """Return the style sheet: the owner's, or else prequal's own."""
    own = find_site() / "assets" / "style.css"
    return own if own.is_file() else SHIPPED / "site" / "assets" / "style.css"


def read_style() -> str:
    """Read the style sheet without its comments, which are the owner's and not the visitors'."""
    return _without_comments(find_style().read_text(encoding="utf-8"))


def parse_style(text: str) -> Sequence[Rule]:
    """Read the rules of a style sheet."""
    return _rules(_without_comments(text))


def root_properties(rules: Sequence[Rule]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the custom properties of the page, and those that the dark theme changes."""
    dark = [rule for head, body in rules if head == DARK for rule in body if isinstance(rule, tuple)]
    return _properties(rules), _properties(dark)


def mail_colours(style: str) -> tuple[MailColours, Sequence[str]]:
    """Return the colours that mails take from a style sheet, or none, and the properties that they can't take."""
    light, dark = root_properties(parse_style(style))
    themes = {"light": light, "dark": {**light, **dark}}
    colours = {
        theme: {name: found.get(f"--{name}", "") for name in MAIL_COLOURS[theme]} for theme, found in themes.items()
    }
    unusable = {f"--{name}" for theme in colours.values() for name in theme if not _HEX.fullmatch(theme[name])}
    # Some of the owner's beside some of ours might be unreadable.
    return ({} if unusable else colours), sorted(unusable)


def _without_comments(text: str) -> str:
    return _COMMENT.sub(lambda found: found["kept"] or "", text)


def _rules(text: str) -> Sequence[Rule]:
    rules: list[Rule] = []
    while "{" in text:
        head, _, text = text.partition("{")
        depth, end = 1, 0
        while depth and (brace := _BRACE.search(text, end)):
            end = brace.end()
            depth += 1 if brace[0] == "{" else -1
        body, text = text[:end].removesuffix("}"), text[end:]
        rules.append((" ".join(head.split()), _rules(body) if "{" in body else _declarations(body)))
    return rules


def _declarations(body: str) -> str:
    lines = (re.sub(r"\s+", " ", line).strip() for line in body.split(";"))
    return ";".join(line.replace(": ", ":", 1) for line in lines if line)


def _properties(rules: Sequence[Rule]) -> Mapping[str, str]:
    lines = [line for head, body in rules if head == ":root" for line in str(body).split(";")]
    return dict(line.split(":", 1) for line in lines if line.startswith("--"))
