"""Configuration of the documentation, which `make docs` builds with Sphinx."""

import re
import sys
from pathlib import Path
from typing import Any

_DOCS = Path(__file__).resolve().parent
_ASSETS = _DOCS.parent / "site/assets"
sys.path.insert(0, str(_DOCS / "ext"))

project = "prequal"
language = "en"
extensions = ["myst_parser", "reference.extension"]
exclude_patterns = ["ext"]
myst_enable_extensions = ["colon_fence", "html_image"]
myst_heading_anchors = 4
nitpicky = True
smartquotes_action = "qe"  # quotes and ellipses, but no dashes: options begin with two hyphens
highlight_language = "text"

html_theme = "furo"
html_title = "prequal"
html_logo = html_favicon = str(_ASSETS / "icon.svg")
html_static_path = ["_static", str(_ASSETS / "headline.woff2")]
html_css_files = ["prequal.css"]
html_copy_source = html_show_sourcelink = html_show_copyright = html_show_sphinx = False
pygments_style = pygments_dark_style = "ink.Ink"

# Each of Furo's colours is one of the page's, whose second values are those of the dark theme.
_OURS = {
    "background-primary": "paper",
    "background-secondary": "paper",
    "background-hover": "surface",
    "background-border": "line",
    "background-item": "line",
    "foreground-primary": "ink",
    "foreground-secondary": "quiet",
    "foreground-muted": "quiet",
    "foreground-border": "edge",
    "brand-primary": "ink",
    "brand-content": "ink",
    "brand-visited": "ink",
    "link-underline": "edge",
    "link-underline--visited": "edge",
    "inline-code-background": "surface",
    "code-background": "surface",
    "code-foreground": "ink",
    "highlight-on-target": "surface",
    "highlighted-background": "accent",
    "highlighted-text": "on-accent",
    "problematic": "error",
    "api-name": "ink",
    "api-pre-name": "ink",
}


def _theme(*rules: str) -> dict[str, Any]:
    """Return Furo's variables by the properties that these rules of the page's style set, the last one first."""
    ours = dict(re.findall(r"--([\w-]+): (#\w+);", "".join(rules)))
    return {f"color-{theirs}": ours[name] for theirs, name in _OURS.items()}


_light, _dark = re.findall(r":root \{(.*?)\}", (_ASSETS / "style.css").read_text(encoding="utf-8"), re.DOTALL)[:2]
html_theme_options = {"light_css_variables": _theme(_light), "dark_css_variables": _theme(_light, _dark)}
