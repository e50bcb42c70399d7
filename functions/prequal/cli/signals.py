"""Signals that end a command: it removes what it has not finished writing, and says nothing."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

from prequal.files import remove_unfinished

INTERRUPTED = 130  # the exit status that shells show for Ctrl-C


def prepare() -> None:
    """End the process at once, but in order, on Ctrl-C, SIGTERM and SIGHUP; what is ignored stays so.

    An exception in place of this could get lost in a callback, which shows its traceback.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def raise_interrupts() -> None:
    """Let Ctrl-C raise KeyboardInterrupt, for a command that waits for the programs that it runs."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, _frame: FrameType | None) -> None:
    remove_unfinished()
    if number == signal.SIGINT:
        with suppress(OSError, ValueError):
            if sys.stderr.isatty():
                os.write(2, b"\n")  # the terminal shows ^C
        os._exit(INTERRUPTED)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
