"""The paper of the owner's pages: the style that the report and the desk share, with the typeface of the site."""

from base64 import b64encode
from pathlib import Path

from prequal.svg import STYLE_FOR_PAGE

_HERE = Path(__file__).parent
# A report is one file, and the site may be on another origin than the desk.
_FONT = b64encode((_HERE / "headline.woff2").read_bytes()).decode()
PAPER_STYLE = (
    f'@font-face{{font-family:Headline;src:url("data:font/woff2;base64,{_FONT}")}}'
    f"{STYLE_FOR_PAGE}{(_HERE / 'paper.css').read_text(encoding='utf-8')}"
)
