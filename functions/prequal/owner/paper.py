"""The paper of the owner's pages: the style that the report and the desk share."""

from pathlib import Path

from prequal.svg import STYLE_FOR_PAGE

PAPER_STYLE = STYLE_FOR_PAGE + Path(__file__).with_name("paper.css").read_text(encoding="utf-8")
