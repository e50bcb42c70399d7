"""The shipped page texts without their examples, as an owner has them who has deleted those."""

from __future__ import annotations

import re
from pathlib import Path

from prequal.resources import SHIPPED

_PROOF = re.compile(r"^(?:work|people|quotes):\n(?:(?: .*)?\n)+", re.MULTILINE)


def without_examples(texts: str) -> str:
    """Return the texts of a language without the examples."""
    return _PROOF.sub("", texts)


def write_texts(site: Path) -> None:
    """Write the texts into the folder of a site."""
    content = site / "content"
    content.mkdir(parents=True)
    for path in (SHIPPED / "site/content").glob("*.yaml"):
        content.joinpath(path.name).write_text(without_examples(path.read_text(encoding="utf-8")), encoding="utf-8")
