"""Routes, methods, headers and origins around the submissions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support import builders
from support.world import OTHER, World
from unit.web.posting import post_form

if TYPE_CHECKING:
    import pytest
    from werkzeug.test import Client


class TestSurroundings:
    def test_health(self, client: Client) -> None:
        """The health check answers with 200."""
        assert client.get("/api/health").status_code == 200

    def test_health_tells_its_caller_what_it_is_counted_by(self, client: Client) -> None:
        """The answer has the number of entries in X-Forwarded-For, and the network of the one that counts."""
        forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.8, 10.0.0.1"}

        seen = client.get("/api/health", headers=forwarded).get_json()["client"]
        here = client.get("/api/health").get_json()["client"]

        assert seen == {"forwarded": 3, "hops": 2, "network": "203.0.113.0/24"}
        assert here == {"forwarded": 0, "hops": 2, "network": None}

    def test_other_origins_may_post_when_named(self, client: Client) -> None:
        """A named origin passes the preflight, and its script may read the answer."""
        preflight = client.options("/api/leads", headers={"Origin": OTHER})
        answer = client.post("/api/leads", json=builders.sent(), headers={"Origin": OTHER})

        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
        assert answer.headers["Access-Control-Allow-Origin"] == OTHER
        assert answer.headers["Vary"] == "Origin"

    def test_no_other_origin_may(self, client: Client) -> None:
        """Another origin gets no permission."""
        preflight = client.options("/api/leads", headers={"Origin": "https://evil.example"})
        answer = client.post("/api/leads", json=builders.sent(), headers={"Origin": "https://evil.example"})

        assert preflight.status_code == 405
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_pages_have_security_headers(self, client: Client) -> None:
        """Every page of the function has the headers of the site."""
        headers = post_form(client, name="").headers

        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, no-store"

    def test_the_log_has_ids_only(self, client: Client, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """One JSON line per event, without addresses, names and answers."""
        caplog.set_level("INFO", logger="prequal")
        post_form(client, goals="secret wishes", lang="fr")
        post_form(client, name="")
        client.post(world.link())
        client.get("/b/nonsense")

        lines = [record.getMessage() for record in caplog.records if record.name == "prequal"]
        events = [json.loads(line)["message"] for line in lines]
        assert events == [
            "submission admitted",
            "submission refused",
            "booking link followed",
            "link refused",
        ]
        for private in ("Ada", "ada@example.com", "secret wishes", "around"):
            assert not any(private in line for line in lines)
