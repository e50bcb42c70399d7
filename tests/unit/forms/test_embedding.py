"""The block and the frame that `prequal embed` prints, and the style of the block."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from prequal import bootstrap
from prequal.core.form import form_from
from prequal.forms.block_style import block_style
from prequal.forms.compilation import compile_files
from prequal.forms.embedding import make_block, make_frame
from prequal.pages.site import Site
from support import builders
from support.following import following_document
from support.running import CHECKOUT

_LARGEST = 30_000


@pytest.fixture(scope="module")
def site() -> Site:
    """Return the pages of the shipped form."""
    compiled = compile_files(CHECKOUT / "schema/form.yaml")
    return bootstrap.build_sites(compiled, "https://form.example", frames=["https://studio.example"])[0]


class _Elements(HTMLParser):
    """Reader of the attributes of every element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def values(self, *names: str) -> list[str]:
        return [attributes[name] for _, attributes in self.found for name in names if name in attributes]


class TestBlock:
    @pytest.mark.parametrize("language", ["en", "fr", "nl", "ru", "pl"])
    def test_it_is_small(self, site: Site, language: str) -> None:
        """The block fits into what site builders take, and has no empty line, which some make a paragraph of."""
        block = make_block(site, language)
        assert len(block.encode()) < _LARGEST
        assert "\n\n" not in block
        assert f'name="lang" value="{language}"' in block

    def test_its_style_hides_what_is_not_asked(self, site: Site) -> None:
        """The rules of the form's conditions apply within the block."""
        following = replace(site, form=form_from(following_document()))
        rule = (
            'form[data-form="web-design"]:not(:has([name="parts"]:is([value="texts"]):checked)) [data-field="writer"]'
        )
        assert f".prequal:not(#_#_) {rule}{{display:none}}" in make_block(following, "en")

    def test_every_address_is_in_full(self, site: Site) -> None:
        """Nothing in the block depends on the page that it is on."""
        elements = _Elements(make_block(site, "fr"))
        addresses = [value for value in elements.values("src", "href", "action", "data-thanks") if value[:1] != "#"]
        assert set(addresses) == {
            "https://form.example/api/leads",
            "https://form.example/embed.js",
            "https://form.example/fr/thanks/",
            site.form.business.privacy_url,
        }
        apart = replace(site, function_url="https://function.example")
        assert 'action="https://function.example/api/leads"' in make_block(apart, "fr")

    def test_ids_are_its_own(self, site: Site) -> None:
        """Every id begins with those of form and language, stands once, and is what labels and descriptions mean."""
        elements = _Elements(make_block(site, "en"))
        ids = Counter(elements.values("id"))
        meant = [
            word for value in elements.values("for", "aria-describedby", "aria-labelledby") for word in value.split()
        ]
        assert len(ids) > 20
        assert {name.startswith("web-design-en-") for name in ids} == {True}
        assert set(ids.values()) == {1}
        assert set(meant) <= ids.keys()

    def test_its_style_has_the_conditions_of_the_form(self, site: Site) -> None:
        """A question that follows is hidden by style alone, as on the page."""
        document = builders.document()
        document["questions"].append({"id": "more", "type": "text", "label": "?", "ask_if": {"budget": ["around"]}})
        block = make_block(replace(site, form=form_from(document)), "en")
        condition = (
            '[data-form="web-design"]:not(:has([name="budget"]:is([value="around"]):checked)) [data-field="more"]'
        )
        assert f".prequal:not(#_#_) form{condition}{{display:none}}" in block

    def test_nothing_of_the_rules_is_in_it(self) -> None:
        """Neither points nor reasons nor grades, nor any text that isn't shown, is in block or frame."""
        document = builders.document()
        document["questions"][0]["options"][0] |= {"points": -31, "rules_out": "A reason to refuse"}
        document["scoring"]["grades"] = {"hot": 77, "warm": 66}
        document["booking"] = [{"url": "https://cal.example/secret"}]
        form = form_from(document)
        words = {"form": {"title": "Tell us"}}
        site = Site(
            form=form,
            content={"en": words, "fr": words},
            assets={"form.js": "/f.js"},
            public_url="https://form.example",
        )
        style = re.compile("<style>.*?</style>", re.DOTALL)
        for html in (style.sub("", make_block(site, "en")), make_frame(site, "en")):
            for secret in ("31", "refuse", "77", "66", "cal.example", "points", "rules_out", "hot", "qualif"):
                assert secret not in html, secret


def test_a_frame_shows_the_page_in_its_language(site: Site) -> None:
    """The frame has a title, is loaded late, and is told to check both origin and window of each message."""
    frame = make_frame(site, "fr")
    [(_, attributes)] = [it for it in _Elements(frame).found if it[0] == "iframe"]
    assert attributes["src"] == "https://form.example/fr/embed/"
    assert attributes["title"] == site.content["fr"]["form"]["title"]
    assert attributes["loading"] == "lazy"
    assert "min-height:640px" in attributes["style"]
    assert '"https://form.example");' in frame
    assert "&&" not in frame


class TestStyle:
    SHEET = """
    /* { a comment } */
    :root { color-scheme: light dark; --ink: #111; --gap: 2rem; }
    @media (prefers-color-scheme: dark) { :root { --ink: #eee; } .note { color: red; } }
    html { color: var(--ink); }
    h1, p, a:hover { margin: 0 -1.5rem; }
    .note, .hero > p { top: 1px }
    form p:not(:is(.big, :has(b, i))), .lead:is(p, a) { left: 1px }
    p:not(:is(.big, :has(b, i))) .note, .lead:is(p, a) { left: 2px }
    .field:has(> .error) :is(input, select) { width: 10% }
    @media (min-width: 60rem) { .hero { color: blue } }
    @media (scripting: enabled) { p::before { content: "x" } html { color: red } }
    """
    BLOCK = ".prequal:not(#_#_)"

    def style(self) -> str:
        """Return the style of a small block."""
        return block_style(
            self.SHEET, '<section class="prequal"><p class="note big"><a class="field"></a></p></section>'
        )

    def test_it_has_the_rules_that_concern_the_block(self) -> None:
        """Selectors of elements that the block lacks are left out; the page's root is the block."""
        lines = self.style().splitlines()
        block = self.BLOCK
        assert f"{block}{{color:var(--ink)}}" in lines
        assert f"{block} p,{block} a:hover{{margin:0 calc(-1.5*var(--rem))}}" in lines
        assert f"{block} .note{{top:1px}}" in lines
        assert f"{block} p:not(:is(.big, :has(b, i))) .note{{left:2px}}" in lines
        assert "left:1px" not in self.style()
        assert f"{block} .field:has(> .error) :is(input, select){{width:10%}}" in lines
        assert f'@media (scripting: enabled){{{block} p::before{{content:"x"}}{block}{{color:red}}}}' in lines
        assert not re.search(r"h1|hero|comment|60rem", self.style())

    def test_colours_follow_the_page_around(self) -> None:
        """Colours change with the scheme of the page, not with the visitor's preference."""
        style = self.style()
        assert "prefers-color-scheme" not in style
        assert f"@supports (color:light-dark(red,red)){{{self.BLOCK}{{--ink:light-dark(#111,#eee)}}}}" in style
        assert style.rindex("color-scheme:inherit") > style.rindex("color-scheme:light dark")

    def test_every_selector_is_in_the_block(self) -> None:
        """No rule reaches the page around the block."""
        heads = re.findall(r"(?:^|[{}\n])([^@{}\n][^{}]*)\{", self.style())
        selectors = [selector for head in heads for selector in re.split(r",(?! )", head)]
        assert len(selectors) > 15
        assert [selector for selector in selectors if not selector.startswith(self.BLOCK)] == []
