"""HTML to paste into the pages of other sites: the form as a block, or a frame with the form's page."""

import re
from html import escape

from prequal.forms.block_style import block_style
from prequal.forms.compilation import read_assets
from prequal.pages.site import Site
from prequal.pages.wording import filled, placeholders

# Attributes that name elements of the block. Quotes in values are escaped, so that nothing else looks like them.
_REFERENCE = re.compile(r'(?<=\s)(id|for|aria-describedby|aria-labelledby|href)="(#?)([^"]+)"')
# Without `&&`, which some editors escape. Without the script, visitors scroll inside the frame.
_FRAME = """\
<iframe src="{site}{path}" title="{title}" lang="{language}" loading="lazy" \
style="display:block;width:100%;height:75vh;min-height:640px;border:0"></iframe>
<script>
((frame, site) => {{
  addEventListener("message", ({{ source, origin, data }}) => {{
    if (source !== frame.contentWindow) return;
    if (origin !== site) return;
    if (data.height) frame.style.cssText += `;min-height:0;height:${{data.height}}px`;
    const y = frame.getBoundingClientRect().top + data.focus;
    if (y < 0 || y > innerHeight) scrollBy(0, y - innerHeight / 4);
  }});
  frame.addEventListener("load", () => {{
    frame.contentWindow.postMessage({{ search: location.search, referrer: document.referrer }}, site);
  }});
}})(document.currentScript.previousElementSibling, "{site}");
</script>
"""


def make_block(site: Site, language: str) -> str:
    """Return the form as a block. It has no empty lines, which some editors turn into paragraphs."""
    html = "\n".join(line.strip() for line in site.block(language).splitlines() if line.strip())
    [style_sheet] = [asset.content.decode() for asset in read_assets(site.form) if asset.name == "style.css"]
    style = block_style(style_sheet, html)
    prefix = f"{site.form.id}-{language}-"

    def add_prefix(match: re.Match[str]) -> str:
        name, mark, ids = match.groups()
        if name == "href" and not mark:
            return match[0]
        return f'{name}="{mark}{" ".join(prefix + each for each in ids.split())}"'

    start, end, rest = _REFERENCE.sub(add_prefix, html).partition(">\n")
    return f"{start}{end}<style>\n{style}\n</style>\n{rest}\n"


def make_frame(site: Site, language: str) -> str:
    """Return a frame with the page that has the form alone, and the script that sets its height."""
    title = escape(filled(site.content[language]["form"]["title"], placeholders(site.form, language)))
    return _FRAME.format(site=site.public_url, path=site.paths.frame(language), title=title, language=language)
