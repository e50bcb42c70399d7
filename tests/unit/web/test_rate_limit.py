"""The rate limit, by client address."""

from __future__ import annotations

from prequal.web.rate_limit import BUCKET_SIZE, MAX_CLIENTS, RateLimiter


def test_a_full_bucket_allows_a_burst() -> None:
    """A client may send as many as its bucket holds at once, and is then told how long to wait."""
    limiter = RateLimiter()

    assert [limiter.take("ada", 0) for _ in range(BUCKET_SIZE)] == [0] * BUCKET_SIZE
    assert limiter.take("ada", 0) == 10
    assert limiter.take("ada", 9.5) == 1
    assert limiter.take("grace", 0) == 0


def test_an_idle_client_gets_no_more_than_a_full_bucket() -> None:
    """An hour without a request refills the bucket, and adds nothing beyond it."""
    limiter = RateLimiter()
    limiter.take("ada", 0)

    assert [limiter.take("ada", 3600) for _ in range(BUCKET_SIZE)] == [0] * BUCKET_SIZE
    assert limiter.take("ada", 3600) > 0


def test_the_number_of_remembered_clients_is_bounded() -> None:
    """Beyond the limit the client that has been silent for the longest is forgotten, and every new one is counted."""
    limiter = RateLimiter()
    for client in ("silent", "active"):
        for _ in range(BUCKET_SIZE):
            limiter.take(client, 0)
    for number in range(MAX_CLIENTS - 1):
        limiter.take(str(number), 0)
        assert limiter.take("active", 0) > 0

    assert len(limiter._buckets) == MAX_CLIENTS
    assert limiter.take("silent", 0) == 0
    assert [limiter.take("new", 0) for _ in range(BUCKET_SIZE + 1)][-1] > 0
