"""A proxy between Firestore's client and the emulator that disturbs calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import Enum, auto
from typing import Any, NamedTuple

import grpc
from google.cloud.firestore_v1 import types
from google.protobuf.json_format import MessageToDict

from support.running import PATIENCE

_STREAMS = ("BatchGetDocuments", "RunQuery")
_REQUESTS = {
    "BatchGetDocuments": types.BatchGetDocumentsRequest,
    "RunQuery": types.RunQueryRequest,
    "Commit": types.CommitRequest,
}
_ANSWERS = {
    "BatchGetDocuments": types.BatchGetDocumentsResponse,
    "RunQuery": types.RunQueryResponse,
    "Commit": types.CommitResponse,
}
SLOW_SECONDS = 1.8


class Trouble(Enum):
    """A disturbance of a call on the wire."""

    REFUSED = auto()
    """The call does not reach the database, and the client gets UNAVAILABLE at once."""
    ANSWER_LOST = auto()
    """The call takes effect, and the client gets UNAVAILABLE."""
    BROKEN_OFF = auto()
    """A stream of answers ends after its first part with UNAVAILABLE."""
    SLOW = auto()
    """The call takes long, but less than the client's deadline."""
    UNINDEXED = auto()
    """The database refuses a query, since it has no index for it."""
    GARBLED = auto()
    """The answer is a page of a proxy in between. Over HTTP only, as the next one."""
    CLOSES = auto()
    """The server closes the connection after the answer."""
    SILENT = auto()
    """The call does not reach the database, and the client gets no answer."""


_REFUSALS = {
    Trouble.REFUSED: (grpc.StatusCode.UNAVAILABLE, "out of reach"),
    Trouble.UNINDEXED: (grpc.StatusCode.FAILED_PRECONDITION, "The query requires an index."),
}


class Call(NamedTuple):
    """A call of the database by its name, such as Commit or RunQuery."""

    name: str
    request: Mapping[str, Any]
    """In the JSON of the REST API, as the answers."""
    answers: Sequence[Mapping[str, Any]]
    """Empty if the database refused the call."""
    deadline: float | None = None
    """The client's deadline in seconds, where the protocol tells it."""


class Wire(grpc.GenericRpcHandler):  # type: ignore[misc]
    """A server that forwards each call and reports it to `heard`; `trouble` returns its disturbance by its name."""

    def __init__(
        self,
        emulator: str,
        trouble: Callable[[str], Trouble | None] = lambda _name: None,
        heard: Callable[[Call], object] = lambda _call: None,
    ) -> None:
        self._channel = grpc.insecure_channel(emulator)
        self._trouble = trouble
        self._heard = heard
        self._over = threading.Event()

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Run the server at a port, by default a free one, and return its address."""
        with ThreadPoolExecutor(16) as pool:
            server = grpc.server(pool, handlers=[self])
            port = server.add_insecure_port(f"127.0.0.1:{port}")
            server.start()
            try:
                yield f"127.0.0.1:{port}"
            finally:
                self._over.set()
                server.stop(None).wait()
                self._channel.close()

    def service(self, handler_call_details: Any) -> Any:
        """Return the handler of a call: bytes in, bytes out."""
        method, metadata = handler_call_details.method, handler_call_details.invocation_metadata
        name = method.rpartition("/")[2]
        # The channel sets its own user agent.
        passed = [(key, value) for key, value in metadata if key != "user-agent"]

        def handle(request: bytes, context: Any) -> Iterator[bytes]:
            trouble, deadline = self._trouble(name), context.time_remaining()
            if trouble in _REFUSALS:
                context.abort(*_REFUSALS[trouble])
            if trouble is Trouble.SILENT:
                self._over.wait()
                context.abort(grpc.StatusCode.UNAVAILABLE, "too late")
            if trouble is Trouble.SLOW:
                self._over.wait(SLOW_SECONDS)
            answers: list[bytes] = []
            try:
                answers = self._passed_on(method, name, request, passed)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())
            finally:
                if context.is_active():  # a call that the client has given up is not reported
                    told = [_as_json(_ANSWERS[name], answer) for answer in answers]
                    self._heard(Call(name, _as_json(_REQUESTS[name], request), told, deadline))
            if trouble is Trouble.ANSWER_LOST:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the answer was lost")
            sent = (len(answers) + 1) // 2 if trouble is Trouble.BROKEN_OFF else len(answers)
            yield from answers[:sent]
            if trouble is Trouble.BROKEN_OFF:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the answer broke off")

        if name in _STREAMS:
            return grpc.unary_stream_rpc_method_handler(handle)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: next(handle(request, context)))

    def _passed_on(self, method: str, name: str, request: bytes, metadata: list[tuple[str, str]]) -> list[bytes]:
        if name in _STREAMS:
            return list(self._channel.unary_stream(method)(request, metadata=metadata, timeout=PATIENCE))
        return [self._channel.unary_unary(method)(request, metadata=metadata, timeout=PATIENCE)]


def _as_json(kind: Any, message: bytes) -> Mapping[str, Any]:
    as_json: Mapping[str, Any] = MessageToDict(kind.pb(kind.deserialize(message)))
    return as_json


class FirstOfEach:
    """The same trouble for the first call of each name, or of one name, after `arm`."""

    def __init__(self, trouble: Trouble, name: str = "") -> None:
        self._trouble = trouble
        self._name = name
        self._seen: set[str] | None = None
        self.struck = 0

    def arm(self) -> None:
        """Start, or start again."""
        self._seen = set()

    def __call__(self, name: str) -> Trouble | None:
        """Return the trouble of this call, if any."""
        if self._seen is None or name in self._seen or self._name not in ("", name):
            return None
        self._seen.add(name)
        self.struck += 1
        return self._trouble
