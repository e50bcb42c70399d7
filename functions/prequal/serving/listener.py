"""The socket that visitors connect to: opened in one sentence, and closed without resetting anybody's connection."""

from __future__ import annotations

import ctypes
import socket
import struct
from contextlib import suppress

from prequal.core.errors import PrequalError

# Connections of a burst of visitors that may wait rather than be refused.
_BACKLOG = 512
_SO_ATTACH_FILTER = 26  # Linux's
# A BPF program: load the flags of the TCP header; drop the packet if SYN is set, pass it otherwise.
_NO_SYN = b"".join(
    struct.pack("=HBBI", *instruction)
    for instruction in [(0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF)]
)


def listen(host: str, port: int) -> socket.socket:
    """Open the socket.

    Raises:
        PrequalError: the port is in use, or the address isn't one of this machine's.
    """
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # Python adds the address
        raise PrequalError(
            f"{host}:{port} can't be listened on ({reason}): choose another --port or --host."
        ) from error


def refuse_connections(listener: socket.socket) -> None:
    """Let nobody connect any more, so that all who have can be accepted before the socket is closed.

    Otherwise, the system would reset those who connect between the last accept and the close. Only Linux can do this.
    """
    program = ctypes.create_string_buffer(_NO_SYN, len(_NO_SYN))
    with suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(_NO_SYN) // 8, ctypes.addressof(program))
        )
