"""The process of the command `prequal`, from its first moment: Ctrl-C says nothing while modules load."""

import os
import signal

_INTERRUPTED = 130  # as shells report it


def main() -> None:
    """Run the command."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        # An exception could be raised, and shown, anywhere in an import.
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(_INTERRUPTED))
    from prequal import cli  # noqa: PLC0415, see above
    from prequal.cli import signals, standard_streams  # noqa: PLC0415

    standard_streams.prepare()
    signals.prepare()
    cli.main(prog_name="prequal")


if __name__ == "__main__":
    main()
