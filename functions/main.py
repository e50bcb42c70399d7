"""The deployed functions. Wrong settings stop them at the start, with every fault named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import functions_framework

from prequal import bootstrap, log, settings

if TYPE_CHECKING:
    from flask import Request, Response

log.start()
_settings = settings.read(os.environ)
_web = bootstrap.web(_settings, bootstrap.compiled(os.environ), bootstrap.store(_settings.store))


@functions_framework.http
def submit(request: Request) -> Response:
    """Take submissions, and lead invited prospects on to the booking page."""
    return _web.respond(request)
