"""The programs of a deployment: terraform, gcloud and firebase."""

import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from subprocess import DEVNULL, PIPE, Popen, SubprocessError, check_output
from typing import cast

_TIMEOUT_SECONDS = 60
_CHUNK = 1 << 16
#: Standard error as the output of a tool, so that standard output is that of another.
TO_STDERR = 2


def run_tool(environ: Mapping[str, str], tool: str, *arguments: str, stdout: int | None = None) -> str | None:
    """Run a tool in the terminal; return None on success, else what it wrote to standard error, which is shown too."""
    errors, command = bytearray(), [_find(tool, environ), *arguments]
    with (
        _interrupts_left_to_the_tool(),
        Popen(command, env=_with_key_file(environ), stdout=stdout, stderr=PIPE) as process,  # noqa: S603
    ):
        while chunk := cast("BufferedReader", process.stderr).read1(_CHUNK):
            sys.stderr.buffer.write(chunk)
            sys.stderr.flush()
            errors += chunk
    return errors.decode(errors="replace") if process.returncode else None


def read_tool(environ: Mapping[str, str], tool: str, *arguments: str) -> str | None:
    """Run a tool without showing anything; return its output, or None if it fails or takes a minute."""
    try:
        return check_output(  # noqa: S603, the tools of a deployment
            [_find(tool, environ), *arguments],
            env=_with_key_file(environ),
            stdin=DEVNULL,
            stderr=DEVNULL,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, SubprocessError):
        return None


def is_installed(environ: Mapping[str, str], tool: str) -> bool:
    """Whether a tool is on the path."""
    return shutil.which(tool, path=environ.get("PATH")) is not None


@contextmanager
def _interrupts_left_to_the_tool() -> Iterator[None]:
    """Ignore interrupts in this process. They reach the tool as well, which gets the time to end as it should."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # a function, as the tool would inherit SIG_IGN
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _find(tool: str, environ: Mapping[str, str]) -> str:
    return shutil.which(tool, path=environ.get("PATH")) or tool


def _with_key_file(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment, with which gcloud too uses the key file of the other two, if there is one."""
    key = environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    return {"CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE": key, **environ} if key else environ
