"""Turnstile's adapter, against a server that plays the verifier."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from prequal.adapters.turnstile import TOKEN, Turnstile
from support.running import free_port
from support.verifier import SECRET, VALID, Verifier, verifier


@pytest.fixture(autouse=True)
def _all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


@pytest.fixture
def server() -> Iterator[Verifier]:
    """Serve."""
    with verifier() as serving:
        yield serving


@pytest.fixture
def turnstile(server: Verifier) -> Turnstile:
    """Return an adapter for the server, with time for a busy machine."""
    return Turnstile(secret=SECRET, verifier=server.url, seconds=60)


def test_a_valid_token_is_a_persons(server: Verifier, turnstile: Turnstile) -> None:
    """The verifier is sent the secret, the token and a UUID, and says yes."""
    assert turnstile.confirms(VALID, "a submission")

    [asked] = server.asked
    assert (asked["secret"], asked["response"]) == (SECRET, VALID)
    assert str(uuid.UUID(asked["idempotency_key"])) == asked["idempotency_key"]
    assert asked.keys() == {"secret", "response", "idempotency_key"}


def test_a_token_is_good_for_one_submission(turnstile: Turnstile) -> None:
    """The same submission may ask again, after an answer that was lost; another one may not use its token."""
    asked = [turnstile.confirms(VALID, submission) for submission in ("one", "one", "other", "one")]

    assert asked == [True, True, False, True]


def test_an_invalid_token_is_refused(turnstile: Turnstile, caplog: pytest.LogCaptureFixture) -> None:
    """A token that Cloudflare doesn't know proves nothing, and the log names the reason."""
    assert not turnstile.confirms("made up", "a submission")
    assert '"severity": "INFO", "message": "captcha failed", "reasons": ["invalid-input-response"]' in caplog.text


def test_a_wrong_secret_is_an_error(turnstile: Turnstile, caplog: pytest.LogCaptureFixture) -> None:
    """With a wrong secret nobody passes, of which the owner is alerted."""
    assert not replace(turnstile, secret="the secret of another widget").confirms(VALID, "a submission")
    assert '"severity": "ERROR", "message": "captcha failed", "reasons": ["invalid-input-secret"]' in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<h1>Welcome</h1>"), (200, b""), (200, b"[]"), (200, b"true"), (200, b"{}"), (200, b"[" * 10_000),
        (200, b'{"success": "yes"}'), (200, b'{"success": 1}'), (200, b'{"success": null}'), (200, b"\xff\xfe"),
        (500, b'{"success": true}'), (503, b""), (404, b"<h1>404</h1>"), (302, b""),
    ],
)  # fmt: skip
def test_garbage_proves_nothing(
    server: Verifier, turnstile: Turnstile, caplog: pytest.LogCaptureFixture, answer: tuple[int, bytes]
) -> None:
    """Whatever is not Cloudflare's yes is no."""
    server.answer = answer

    assert not turnstile.confirms(VALID, "a submission")
    assert "captcha unavailable" in caplog.text


@pytest.mark.parametrize("drips", [False, True])
def test_a_slow_verifier_is_given_up(server: Verifier, caplog: pytest.LogCaptureFixture, *, drips: bool) -> None:
    """Neither silence nor an answer that comes bit by bit is waited for beyond the deadline."""
    server.released.clear()
    server.drips = drips

    assert not Turnstile(secret=SECRET, verifier=server.url, seconds=0.5).confirms(VALID, "a submission")
    assert '"message": "captcha unavailable", "cause": "TimeoutError"' in caplog.text


def test_a_verifier_that_is_down(caplog: pytest.LogCaptureFixture) -> None:
    """A verifier that does not answer proves nothing."""
    nowhere = Turnstile(secret=SECRET, verifier=f"http://127.0.0.1:{free_port()}/", seconds=60)

    assert not nowhere.confirms(VALID, "a submission")
    assert '"cause": "ConnectionRefusedError"' in caplog.text


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({TOKEN: "a-token"}, "a-token"), ({TOKEN: ["first", "second"]}, "first"), ({TOKEN: "x" * 2048}, "x" * 2048),
        ({TOKEN: "x" * 2049}, ""), ({TOKEN: ""}, ""), ({TOKEN: None}, ""), ({TOKEN: {"a": 1}}, ""), ({TOKEN: 7}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_token_of_a_submission(turnstile: Turnstile, sent: dict[str, object], found: str) -> None:
    """A token is a text of at most 2,048 characters."""
    assert turnstile.find_token(sent) == found
