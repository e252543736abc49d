"""The process of the server: connections, the time that an answer takes, and the calls of the benchmark itself."""

from __future__ import annotations

import asyncio
import gc
import math
import select
import selectors
import ssl
import sys
from typing import TYPE_CHECKING

from benchmarks.server.answers import Answer, encode_json, make_error, split_request
from benchmarks.server.counters import Bucket, Counters
from benchmarks.server.labels import Labels
from benchmarks.server.phonebook import Phonebook

if TYPE_CHECKING:
    from benchmarks.server.answers import Request

HOST = "127.0.0.1"
_BACKLOG = 4096
_LEARNING = 0.05  # how much one answer says about how late the next one will be
_EARLIEST = 0.001  # a timer is no later; what is more comes of too many requests at once


class _PreciseSelector(selectors.EpollSelector):
    """Waits to the microsecond: epoll itself counts in milliseconds, which are much beside an answer of 20."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            select.select([self.fileno()], [], [], timeout)
            timeout = 0
        return super().select(timeout)


class _Server:
    """All that the connections share."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.counters = Counters()
        self.latency = 0.0
        self._early = 0.0
        self._bucket = Bucket(0.0, loop.time())
        self._phonebook = Phonebook()
        self._labels = Labels()

    def answer(self, request: Request) -> Answer:
        """Carry a request out, unless there are too many of them."""
        if seconds := self._bucket.wait_for(self.loop.time()):
            return make_error(429, "too many requests", ("Retry-After", str(math.ceil(seconds))))
        if request.path.startswith("/repos/"):
            return self._labels.answer(request)
        return self._phonebook.answer(request)

    def control(self, request: Request) -> Answer:
        """Do what the benchmark asks: begin anew, or tell what was counted and what is kept."""
        if request.method == "PUT":
            wanted = request.read_object()
            self.counters = Counters()
            self.latency = wanted["latency"]
            self._bucket = Bucket(wanted["rate_limit"], self.loop.time())
            self._fill(wanted.get("groups"))
            return Answer(status=204)
        names = {"groups": self._phonebook.names(), "labels": self._labels.names()}
        return Answer(status=200, body=encode_json({"counters": self.counters.as_json(), "names": names}))

    def pause(self) -> float:
        """Return how long to wait with an answer that shall leave after the set time: timers ring a little late."""
        return max(0.0, self.latency - self._early)

    def learn(self, waited: float) -> None:
        """Take note of how long an answer has waited."""
        self._early = min(self._early + _LEARNING * (waited - self.latency), _EARLIEST)

    def _fill(self, groups: list[tuple[str, str, int]] | None) -> None:
        if groups is not None:
            self._phonebook.fill(groups)
            self._labels.fill(name for _, name, _ in groups)
            gc.collect()
            gc.freeze()  # or a collection would look at 100,000 groups while a request waits


class _Connection(asyncio.Protocol):
    """One connection: each request is answered after the set time, in the order in which they came."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._buffer = bytearray()
        self._counted_in: Counters | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP server gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while request := split_request(self._buffer):
            if request.path.startswith("/_bench"):
                self._transport.write(self._server.control(request).encode())
            else:
                self._take(request)

    def _take(self, request: Request) -> None:
        counters = self._server.counters
        if self._counted_in is not counters:
            self._counted_in = counters
            counters.connections += 1
        counters.begin()
        if self._server.latency:
            self._server.loop.call_later(self._server.pause(), self._give, request, counters, self._server.loop.time())
        else:
            self._give(request, counters, self._server.loop.time())

    def _give(self, request: Request, counters: Counters, came: float) -> None:
        answer = self._server.answer(request)
        self._transport.write(answer.encode())
        waited = self._server.loop.time() - came
        self._server.learn(waited)
        counters.end(answer.status, waited)
        if request.closes:
            self._transport.close()


def main() -> None:
    """Serve without TLS and with it, say on which ports on stdout, and go on until somebody ends the process."""
    loop = asyncio.SelectorEventLoop(_PreciseSelector())
    server = _Server(loop)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[1])
    ports = [_listen(server, context) for context in (None, tls)]
    print(*ports, flush=True)
    loop.run_forever()


def _listen(server: _Server, tls: ssl.SSLContext | None) -> int:
    """Listen on a free port and return it."""
    listening = server.loop.run_until_complete(
        server.loop.create_server(lambda: _Connection(server), HOST, 0, backlog=_BACKLOG, ssl=tls)
    )
    return int(listening.sockets[0].getsockname()[1])


if __name__ == "__main__":
    main()
