"""The check that a page was built for the address at which it is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from http.client import HTTPMessage

import pytest

from prequal import bootstrap
from prequal.compiled import Compiled
from prequal.doctor.landing_page import check_headers, check_site
from prequal.doctor.visits import Visit
from prequal.forms.compilation import compile_files
from prequal.pages.headers import POLICY, UNFRAMED
from prequal.pages.site import headers_by_path
from support.running import CHECKOUT


@cache
def compiled() -> Compiled:
    """Return the default form and its texts, compiled."""
    return compile_files(CHECKOUT / "schema/form.yaml")


def page(public_url: str, function_url: str = "") -> Visit:
    """Return the page, as it is built for an address."""
    body = bootstrap.build_sites(compiled(), public_url, function_url)[0].landing("en")
    return Visit(status=200, headers=HTTPMessage(), body=body, certificate_expiry=None, own_address="127.0.0.1")


@pytest.mark.parametrize("on_netlify", [False, True])
@pytest.mark.parametrize("thanks", ["https://thanks.example/sent", "https://studio.example/sent"])
def test_the_headers_of_a_page_that_leads_elsewhere(thanks: str, *, on_netlify: bool) -> None:
    """The policy allows the owner's thank-you page; some hosts forbid frames by a header of its own."""
    form = replace(compiled().main, thanks_url=dict.fromkeys(compiled().main.languages, thanks))
    site = replace(bootstrap.build_sites(compiled(), "https://studio.example")[0], form=form)
    sent = {**headers_by_path([site])["/"]}
    if on_netlify:
        sent |= {POLICY: sent[POLICY].removesuffix(UNFRAMED), "X-Frame-Options": "DENY"}
    visit = replace(page("https://studio.example"), body=site.landing("en"))
    for name, value in sent.items():
        visit.headers[name] = value

    assert check_headers(visit).status.value == "fine"
    del visit.headers[POLICY]
    assert check_headers(visit).status.value == "wrong"


@pytest.mark.parametrize(
    ("built_for", "url"),
    [
        ("https://studio.example", "https://studio.example"),
        ("https://studio.example", "https://Studio.example:443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_the_right_address(built_for: str, url: str) -> None:
    """The page's links name the address, however it is spelt."""
    assert check_site(page(built_for), url).status.value == "fine"


@pytest.mark.parametrize("built_for", ["http://localhost:8080", "http://studio.example", "https://www.studio.example"])
def test_another_address(built_for: str) -> None:
    """A page that was built for this machine, or for another host or scheme, is a fault."""
    result = check_site(page(built_for), "https://studio.example")

    assert result.status.value == "wrong"
    assert result.text == (
        f"The page was built for {built_for}, and links in mails lead there: check that address, or set "
        "PREQUAL_PUBLIC_URL=https://studio.example, run prequal package, and deploy both."
    )


def test_a_function_on_the_visitors_machine() -> None:
    """A form that posts to localhost is a fault, even if the page's own address is right."""
    result = check_site(page("https://studio.example", "http://localhost:8081"), "https://studio.example")

    assert result.status.value == "wrong"
    assert "sends the answers to the visitor's own machine, http://localhost:8081: correct" in result.text


def test_a_page_without_an_address() -> None:
    """A page that doesn't name its address is left to the other checks."""
    assert (
        check_site(
            replace(page("https://studio.example"), body="<h1>Welcome</h1>"), "https://studio.example"
        ).status.value
        == "left out"
    )
