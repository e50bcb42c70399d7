"""The texts of the cloud's alerts, from infra/monitoring.tf."""

from __future__ import annotations

import re
from collections.abc import Mapping

from prequal.resources import INFRA


def texts() -> Mapping[str, str]:
    """Return the text of each alert's mail by its title; what differs from mail to mail is in italics."""
    written = re.findall(
        r'\b(?:title|display_name)\s*= "(prequal: [^"]+)".*?\b(?:says|content)\s*= "([^"]+)"',
        (INFRA / "monitoring.tf").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return {title: re.sub(r"\$\$\{[\w.]+\.(\w+)\}", r"*\1*", text) for title, text in written}


def write(title: str) -> str:
    """Return the text of an alert's mail as a quotation, in Markdown."""
    return f"> {texts()[title]}"
