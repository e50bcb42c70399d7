"""Style of a block on another site: the form's rules of the style sheet, safe from those of the page around it.

The rules apply in the block alone, and before those of the page: their selectors begin with one that is as specific as
two ids. Whatever the page sets for the elements of the block is reverted first. Sizes are independent of the page's
root font, and colours follow its color scheme.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

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

_DARK = "@media (prefers-color-scheme: dark)"
_ROOT = re.compile(r"(:root|html|body)(?![\w-])")
_REM = re.compile(r"(?<![\w.-])(-?\d*\.?\d+)rem\b")
# Innermost brackets, with what may be one of several.
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\]]*\]")
# The parts of a selector that an element must have.
_CLASS = re.compile(r"\.([\w-]+)")
_TAG = re.compile(r"(?<![\w.#:-])[a-z][a-z0-9]*(?![\w-])")

# A selector, or an at-rule, with its declarations, or with rules of its own.
_Rule: TypeAlias = "tuple[str, str | Sequence[_Rule]]"


def block_style(style_sheet: str, html: str) -> str:
    """Return the style of a block with this HTML."""
    rules = _parse(re.sub(r"/\*.*?\*/", "", style_sheet, flags=re.DOTALL))
    tags = frozenset(re.findall(r"<([a-z0-9]+)", html))
    classes = frozenset(" ".join(re.findall(r'class="([^"]*)"', html)).split())
    return "\n".join([_BEFORE, *_scoped(rules, tags, classes), *_colours(rules), _AFTER])


def _parse(text: str) -> Sequence[_Rule]:
    """Read the rules of a style sheet without comments."""
    rules: list[_Rule] = []
    while "{" in text:
        head, _, text = text.partition("{")
        depth, end = 1, 0
        while depth:
            end = next(index for index in range(end, len(text)) if text[index] in "{}") + 1
            depth += 1 if text[end - 1] == "{" else -1
        body, text = text[: end - 1], text[end:]
        rules.append((" ".join(head.split()), _parse(body) if "{" in body else _declarations(body)))
    return rules


def _declarations(body: str) -> str:
    lines = (re.sub(r"\s+", " ", line).strip() for line in _REM.sub(r"calc(\1*var(--rem))", body).split(";"))
    return ";".join(line.replace(": ", ":", 1) for line in lines if line)


def _scoped(rules: Sequence[_Rule], tags: frozenset[str], classes: frozenset[str]) -> Iterator[str]:
    """Yield the rules that may apply to elements with these tags and classes, within the block."""
    for head, body in rules:
        if isinstance(body, str):
            selectors = [_within(selector) for selector in _split(head) if _applies(selector, tags, classes)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"
        elif head != _DARK and (inner := "".join(_scoped(body, tags, classes))):
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


def _colours(rules: Sequence[_Rule]) -> Iterator[str]:
    """Yield the rule that makes the block's colors follow the scheme of the page around it."""
    light = _properties(rules)
    dark = _properties([rule for head, body in rules if head == _DARK for rule in body if isinstance(rule, tuple)])
    both = (f"{name}:light-dark({light[name]},{value})" for name, value in dark.items() if name in light)
    yield f"@supports (color:light-dark(red,red)){{{_BLOCK}{{{';'.join(both)}}}}}"


def _properties(rules: Sequence[_Rule]) -> Mapping[str, str]:
    """Return the custom properties of the page."""
    lines = [line for head, body in rules if head == ":root" for line in str(body).split(";")]
    return dict(line.split(":", 1) for line in lines if line.startswith("--"))
