"""Style of a block on another site: the form's rules of the style sheet, safe from those of the page around it.

The rules apply in the block alone, and before those of the page: their selectors begin with one that is as specific as
two ids. Whatever the page sets for the elements of the block is reverted first. Sizes are independent of the page's
root font, and colours follow its color scheme.
"""

import re
from collections.abc import Iterator, Sequence

from prequal.forms.style_sheet import DARK, Rule, parse_style, root_properties

# A class, with the weight of two ids that no element has.
_BLOCK = ".prequal:not(#_#_)"
_BEFORE = f"""\
{_BLOCK},{_BLOCK} *,{_BLOCK} ::before,{_BLOCK} ::after{{all:revert}}
{_BLOCK}{{all:initial;display:block;--rem:max(16px,1rem)}}"""
_AFTER = f"""\
{_BLOCK}{{position:relative;color-scheme:inherit;box-sizing:border-box;padding:clamp(16px,4%,32px);overflow-wrap:break-word}}
{_BLOCK} .progress{{position:static}}
{_BLOCK} .summary{{max-width:44em;padding:0 0 24px}}
{_BLOCK} .summary h2{{font-size:var(--step-1)}}
{_BLOCK} [hidden]{{display:none}}"""

_ROOT = re.compile(r"(:root|html|body)(?![\w-])")
_REM = re.compile(r"(?<![\w.-])(-?\d*\.?\d+)rem\b")
_TIMES_REM = r"calc(\1*var(--rem))"
# Innermost brackets, with what may be one of several.
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\]]*\]")
# The parts of a selector that an element must have.
_CLASS = re.compile(r"\.([\w-]+)")
_TAG = re.compile(r"(?<![\w.#:-])[a-z][a-z0-9]*(?![\w-])")


def block_style(style_sheet: str, html: str) -> str:
    """Return the style of a block with this HTML."""
    rules = parse_style(style_sheet)
    tags = frozenset(re.findall(r"<([a-z0-9]+)", html))
    classes = frozenset(" ".join(re.findall(r'class="([^"]*)"', html)).split())
    return "\n".join([_BEFORE, *_scoped(rules, tags, classes), *_colours(rules), _AFTER])


def _scoped(rules: Sequence[Rule], tags: frozenset[str], classes: frozenset[str]) -> Iterator[str]:
    """Yield the rules that may apply to elements with these tags and classes, within the block."""
    for head, body in rules:
        if isinstance(body, str):
            selectors = [_within(selector) for selector in _split(head) if _applies(selector, tags, classes)]
            if selectors:
                yield f"{','.join(selectors)}{{{_REM.sub(_TIMES_REM, body)}}}"
        elif head != DARK and (inner := "".join(_scoped(body, tags, classes))):
            yield f"{head}{{{inner}}}"


def _split(selectors: str) -> Sequence[str]:
    """Return the selectors of a list, which commas in brackets don't separate."""
    found = [""]
    for part in re.split(r"(,)", selectors):
        if part == "," and found[-1].count("(") == found[-1].count(")"):
            found.append("")
        else:
            found[-1] += part
    return [selector.strip() for selector in found]


def _applies(selector: str, tags: frozenset[str], classes: frozenset[str]) -> bool:
    required, count = _ROOT.sub("", selector), 1
    while count:
        required, count = _IN_BRACKETS.subn("", required)
    return classes.issuperset(_CLASS.findall(required)) and tags.issuperset(_TAG.findall(_CLASS.sub("", required)))


def _within(selector: str) -> str:
    root = _ROOT.match(selector)
    return _BLOCK + selector[root.end() :] if root else f"{_BLOCK} {selector}"


def _colours(rules: Sequence[Rule]) -> Iterator[str]:
    """Yield the rule that makes the block's colors follow the scheme of the page around it."""
    light, dark = root_properties(rules)
    both = (f"{name}:light-dark({light[name]},{value})" for name, value in dark.items() if name in light)
    yield f"@supports (color:light-dark(red,red)){{{_BLOCK}{{{';'.join(both)}}}}}"
