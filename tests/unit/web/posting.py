"""Submissions as browsers send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support import builders

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse


def post_form(client: Client, **changes: Any) -> TestResponse:
    """Post as a browser without JavaScript does."""
    return client.post("/api/leads", data=builders.sent(**changes))


def post_json(client: Client, **changes: Any) -> TestResponse:
    """Post as the page's script does."""
    return client.post("/api/leads", json=builders.sent(**changes))
