"""Colours of mails, by theme. They are the page's, from its style sheet, as far as mail programs can show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

MailColours: TypeAlias = Mapping[str, Mapping[str, str]]

# Those of the style sheet that comes with prequal.
MAIL_COLOURS: MailColours = {
    "light": {"surface": "#fff", "ink": "#12201f", "quiet": "#4a5957", "line": "#c5cdc9", "accent": "#ffcf1f"},
    "dark": {"surface": "#16211f", "ink": "#e8eeeb", "quiet": "#a8b6b2", "line": "#2f3e3b", "accent": "#ffcf1f"},
}
