"""A proxy that records the functions' calls of the Firestore emulator."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager

import grpc


@contextmanager
def recorded(emulator: str) -> Iterator[tuple[str, set[str]]]:
    """Run a proxy of an emulator; return its address and the set that collects the names of calls."""
    called = set[str]()
    with grpc.insecure_channel(emulator) as channel, futures.ThreadPoolExecutor() as threads:
        server = grpc.server(threads)
        server.add_generic_rpc_handlers((_Passer(channel, called),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}", called
        finally:
            server.stop(None).wait()


class _Passer(grpc.GenericRpcHandler):  # type: ignore[misc]
    """A handler that forwards every call and its answers unchanged."""

    def __init__(self, channel: grpc.Channel, called: set[str]) -> None:
        self._channel = channel
        self._called = called

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        self._called.add(details.method.rpartition("/")[2])
        metadata = [pair for pair in details.invocation_metadata if not pair[0].startswith(("user-agent", "grpc-"))]

        def passed(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            try:
                yield from self._channel.stream_stream(details.method)(requests, metadata=metadata)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        return grpc.stream_stream_rpc_method_handler(passed)
