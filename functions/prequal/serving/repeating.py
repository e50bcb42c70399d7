"""Repetition of an action in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prequal import log


@contextmanager
def repeating(action: Callable[[], object], seconds: float | None = None) -> Iterator[Callable[[], None]]:
    """Repeat an action in a thread for the length of the block: after each pause, or when the yielded function asks.

    Without a pause, the thread waits to be asked. The end of the block waits for the action in progress.
    """
    wake, stopping = threading.Event(), threading.Event()

    def repeat() -> None:
        while True:
            wake.wait(seconds)
            if stopping.is_set():
                return
            wake.clear()
            try:
                action()
            except Exception as error:  # noqa: BLE001, one failure must not end the repetition
                log.request_failed(error)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield wake.set
    finally:
        stopping.set()
        wake.set()
        thread.join()
