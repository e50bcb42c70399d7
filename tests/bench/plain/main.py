"""The baseline of prequal's figures: functions that do nothing, served by the same framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

import functions_framework

if TYPE_CHECKING:
    from flask import Request


@functions_framework.http
def hello(_request: Request) -> tuple[str, int]:
    """Accept anything unread."""
    return "Hello", 202


@functions_framework.http
def echo(request: Request) -> tuple[bytes, int]:
    """Read the body, and answer with it."""
    return request.get_data(), 202
