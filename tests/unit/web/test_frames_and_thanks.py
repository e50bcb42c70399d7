"""Submissions from a frame on another site, and the owner's own thank-you page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prequal.core.form import form_from
from support import builders
from support.world import PUBLIC_URL, World

if TYPE_CHECKING:
    from werkzeug.test import Client

    from prequal.pages.site import Site

HOST = "https://studio.example"
OWN = {"en": "https://thanks.example/en", "fr": "https://thanks.example/fr"}


@pytest.fixture
def site(world: World) -> Site:
    """Return the pages of a form that the function answers with; a test may change them by `change`."""
    return world.web.main.site


def change(world: World, site: Site) -> None:
    """Let the function answer with other pages."""
    main = replace(world.web.main, site=site)
    world.web = replace(world.web, forms={site.form.id: main})


def own_thanks(site: Site) -> Site:
    """Return the pages of the same form with a thank-you page of the owner's."""
    return replace(site, form=form_from({**builders.document(), "thanks_url": OWN}))


class TestFrame:
    def test_answers_to_a_frame_may_be_in_one(self, client: Client, world: World, site: Site) -> None:
        """The form alone comes back, and then the thank-you page for frames, both for the named sites alone."""
        change(world, replace(site, frames=[HOST]))
        refused = client.post("/api/leads?frame", data=builders.sent(name=""))
        admitted = client.post("/api/leads?frame", data=builders.sent(lang="fr"))

        assert refused.status_code == 422
        assert f"frame-ancestors {HOST}" in refused.headers["Content-Security-Policy"]
        assert 'action="/api/leads?frame"' in refused.text
        assert f'data-frames="{HOST}"' in refused.text
        assert "masthead" not in refused.text
        assert (admitted.status_code, admitted.headers["Location"]) == (303, f"{PUBLIC_URL}/fr/embed/thanks/")
        too_large = client.post("/api/leads?frame", data={"goals": "x" * 1_000_000})
        assert too_large.status_code == 413
        assert f"frame-ancestors {HOST}" in too_large.headers["Content-Security-Policy"]

    def test_nobody_else_may_frame_anything(self, client: Client, world: World, site: Site) -> None:
        """Without sites that may, `?frame` has no effect; with them, other answers may still be in no frame."""
        unnamed = client.post("/api/leads?frame", data=builders.sent(name=""))
        change(world, replace(site, frames=[HOST]))
        others = [client.post("/api/leads", data=builders.sent(name="")), client.get("/b/unknown")]

        for answer in (unnamed, *others):
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert "masthead" in answer.text


class TestThanks:
    def test_visitors_land_on_the_owners_page(self, client: Client, world: World, site: Site) -> None:
        """Everybody is led there, in their language, and the policy of the page allows it."""
        change(world, own_thanks(site))
        places = {
            client.post(
                "/api/leads", data=builders.sent(lang="fr", budget=budget, email=f"{budget}@example.com")
            ).headers["Location"]
            for budget in ("around", "below")
        }
        page = client.post("/api/leads", data=builders.sent(name=""))

        assert places == {OWN["fr"]}
        assert f'data-thanks="{OWN["en"]}"' in page.text
        assert "form-action 'self' https://thanks.example;" in page.headers["Content-Security-Policy"]

    def test_it_opens_around_a_frame(self, site: Site) -> None:
        """From a frame, the form leaves for the whole window, with its errors too."""
        framed = replace(own_thanks(site), frames=[HOST])
        assert 'method="post" action="/api/leads" target="_top"' in framed.landing("en", framed=True)
        assert "target=" not in re.findall("<form.*?>", framed.landing("en"), re.DOTALL)[0]

    def test_an_absent_page_changes_nothing(self, site: Site) -> None:
        """Without one, the form's version and the place are as they were; one address serves all languages."""
        assert site.form.version == builders.form().version
        assert site.thanks_address("fr") == f"{PUBLIC_URL}/fr/thanks/"
        one = form_from({**builders.document(), "thanks_url": OWN["en"]})
        assert one.thanks_url == {"en": OWN["en"], "fr": OWN["en"]}
        assert one.version != site.form.version
