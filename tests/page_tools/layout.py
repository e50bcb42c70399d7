"""The layout of the start page in each browser engine: a whole first view, nothing sideways, the same boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from page_tools.engines import Command
from prequal.forms.site_builder import build_site
from support.gallery import configured_site
from support.running import until

Layout: TypeAlias = "Mapping[tuple[int, int], Mapping[str, Any]]"
"""Measurements by the width and height of the view in pixels."""

#: Views in which headline, promise, button and sun are to be seen without scrolling.
_FIRST_VIEWS = ((360, 640), (390, 664), (1280, 640), (1366, 650))
_SIZES = (*_FIRST_VIEWS, (320, 640), (768, 1024), (1440, 900))
#: From this width on, short answers are two abreast.
_ABREAST_FROM = 576

# A frame has any size, while a window is never narrower than its buttons.
_FRAME = "frame.html"
_MEASURE = """
  const frame = document.querySelector("iframe");
  frame.style = `border: 0; width: ${width}px; height: ${height}px`;
  const { contentDocument: page, contentWindow: view } = frame;
  const all = (selector) => [...page.querySelectorAll(selector)];
  const box = (element) => element.getBoundingClientRect();
  const seen = all(".hero h1, .hero .lead, .hero .button, .picture .accent").map((element) => box(element).bottom);
  const [one, other] = all(".short .option").map((option) => box(option).top);
  const boxes = all("main section, h1, h2, [data-field], .proof li, .proof img, blockquote, [data-thanks]").map(
    (element) => [element.id || element.className || element.tagName, box(element).left, box(element).width],
  );
  const number = (label) => view.getComputedStyle(label, "::before").content;
  const words = page.createRange();
  const [headline] = all("h1");
  const widthIn = (family) => {
    headline.style = `white-space: nowrap; font-family: ${family}`;
    words.selectNodeContents(headline);
    return words.getBoundingClientRect().width;
  };
  const fonts = [widthIn("Headline, serif"), widthIn("serif")];
  headline.style = "";
  return {
    seen: Math.max(...seen),
    abreast: one === other,
    numbered: all(".asked > :is(legend, label)").every((label) => number(label) !== "none"),
    isOurFont: fonts[0] !== fonts[1],
    reach: page.documentElement.scrollWidth,
    length: page.documentElement.scrollHeight,
    boxes,
  };
"""
_IS_LOADED = """(() => {
  const page = document.querySelector("iframe")?.contentDocument;
  return page?.readyState === "complete" && page.querySelector("h1") !== null;
})()"""


def build_framed(url: str, folder: Path) -> None:
    """Build the default site for an address, and beside it a page with the start page in a frame."""
    build_site([configured_site(url)], folder)
    (folder / _FRAME).write_text('<!doctype html><iframe src="/"></iframe>', encoding="utf-8")


def measure(command: Command, url: str) -> Layout:
    """Measure the start page at each size, on a second visit, which has the font of the headlines."""
    for _ in range(2):
        command("open", f"{url}/{_FRAME}")
        until(lambda: command("run", _IS_LOADED), "the page in its frame")
    return {size: command("run", f"((width, height) => {{ {_MEASURE} }}){size}") for size in _SIZES}


def layout_faults(layouts: Mapping[str, Layout]) -> Iterator[str]:
    """Return the faults of each browser's layout, and its differences from that of the first."""
    for name, layout in layouts.items():
        first = next(iter(layouts.values()))
        for (width, height), found in layout.items():
            place = f"{name} at {width} by {height}"
            if (width, height) in _FIRST_VIEWS and found["seen"] > height:
                yield f"{place}: the first view ends {found['seen'] - height:.0f} pixels too late"
            if found["abreast"] != (width >= _ABREAST_FROM):
                yield f"{place}: short answers are {'' if found['abreast'] else 'not '}two abreast"
            if not found["numbered"]:
                yield f"{place}: a question has no number"
            if not found["isOurFont"]:
                yield f"{place}: the headline is not in its font"
            if found["reach"] > width:
                yield f"{place}: the page is {found['reach']} pixels wide"
            yield from (f"{place}: {fault}" for fault in _differences(found, first[width, height]))


def _differences(found: Mapping[str, Any], first: Mapping[str, Any]) -> Iterator[str]:
    # Engines round the widths of letters differently, so that a line may break elsewhere.
    if abs(found["length"] / first["length"] - 1) > 0.04:
        yield f"the page is {found['length']} pixels long, and {first['length']} elsewhere"
    for (element, *box), (_, *other) in zip(found["boxes"], first["boxes"], strict=True):
        if any(abs(one - another) > 8 for one, another in zip(box, other, strict=True)):
            yield f"left and width of {element} are {box}, and {other} elsewhere"
