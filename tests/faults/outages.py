"""Three ways for OPA to be away: killed again and again, paused, and answering 500 through a proxy."""

import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil

from tests.exchange import RunningExchange

Outage = Callable[[RunningExchange], AbstractContextManager[None]]


@contextmanager
def killed(exchange: RunningExchange) -> Iterator[None]:
    """SIGKILL, and again each time the supervisor has started it anew.

    It is looked for among the supervisor's children: what the supervisor writes down of it may come when it
    has answered already.
    """
    over = threading.Event()
    supervisor = psutil.Process(exchange.pid("supervisor"))

    def kill() -> None:
        while not over.wait(0.02):
            for child in supervisor.children():
                with suppress(psutil.NoSuchProcess):
                    if child.name().startswith("opa"):
                        child.kill()

    thread = threading.Thread(target=kill, name="opa-killer")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def paused(exchange: RunningExchange) -> Iterator[None]:
    """SIGSTOP: connections are taken by the kernel, and nobody answers."""
    pid = exchange.pid("opa")
    assert pid is not None
    send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pid, signal.SIGCONT)


def send(pid: int, number: signal.Signals) -> bool:
    """Whether there was still somebody to send the signal to."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


class OpaProxy:
    """Stands before an OPA and hands requests on; while `failing`, it answers each with 500."""

    def __init__(self) -> None:
        self.upstream: Callable[[], str] = str
        """address of the OPA behind it; ports may change at a start"""
        self.failing = False
        self.failed = 0
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, name="opa-proxy", daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def answering_500(self, _exchange: RunningExchange) -> Iterator[None]:
        """Every request fails until the block ends."""
        self.failing = True
        try:
            yield
        finally:
            self.failing = False

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """What OPA says, or 500."""
        if self.failing:
            self.failed += 1
            return 500, b'{"code": "internal_error", "message": "error(s) occurred"}'
        request = urllib.request.Request(self.upstream() + path, body or None, method=method)
        if body:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return int(reply.status), reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 502, b""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: OpaProxy

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        status, body = self.owner.answer(self.command, self.path, self.rfile.read(length))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - the library's name

    def log_message(self, *_: object) -> None:
        """Quiet."""
