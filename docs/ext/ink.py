"""Colours of code: ink on the surface of the page, with quiet comments and strong keys, in both themes."""

from __future__ import annotations

from typing import ClassVar

from pygments.style import Style
from pygments.token import Comment, Name, Token


class Ink(Style):  # type: ignore[misc]
    """A style whose colours are variables of the theme."""

    background_color = "var(--color-code-background)"
    styles: ClassVar = {Token: "", Comment: "var(--color-foreground-secondary)", Name.Tag: "bold"}
