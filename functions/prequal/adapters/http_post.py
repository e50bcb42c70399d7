"""One HTTP request with a deadline. Redirects are not followed."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import closing
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeAlias
from urllib.parse import urlsplit

Answer: TypeAlias = tuple[int, bytes]
"""Status and body, which may be cut."""

_ANSWER_BYTES = 64 * 1024


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
    """Post a body and return the answer.

    Raises:
        OSError, HTTPException: there was none in time; the request may have taken effect.
    """
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    # In a thread of its own, as nothing else bounds a look-up, or an answer that comes a byte at a time.
    Thread(target=lambda: answers.put(_exchange(url, body, headers, seconds)), daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError("no answer in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _exchange(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer | Exception:
    parts = urlsplit(url)
    connect = HTTPConnection if parts.scheme == "http" else partial(HTTPSConnection, context=_tls())
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    # A new connection each time: one that was kept may have ended unnoticed.
    with closing(connect(parts.netloc, timeout=seconds)) as connection:
        try:
            connection.request("POST", path, body, dict(headers))
            with connection.getresponse() as response:
                return response.status, response.read(_ANSWER_BYTES)
        except (OSError, HTTPException) as error:
            return error


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
