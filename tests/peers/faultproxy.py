"""A TCP proxy on loopback that cuts, stalls and garbles a conversation at a chosen point."""

import contextlib
import select
import socket
import struct
import threading
from typing import Literal, Self

Mode = Literal[
    "pass", "hang_accept", "cut_on_request", "cut_after_request", "rst_after_request", "stall_after_request",
    "half_reply", "garbage",
]  # fmt: skip

DONE_ON_SERVER: tuple[Mode, ...] = (
    "cut_after_request",
    "rst_after_request",
    "stall_after_request",
    "half_reply",
)


class FaultProxy:
    """Forwards to `upstream`; after `arm_after` chunks from the client it does what `mode` says.

    In the modes of DONE_ON_SERVER the request reaches the server and the answer is lost.
    """

    def __init__(self, upstream: tuple[str, int], mode: Mode = "pass", *, arm_after: int = 0) -> None:
        self.upstream = upstream
        self.mode: Mode = mode
        self.arm_after = arm_after
        self.fired = 0
        self._strike: Mode = "pass"
        self._over = threading.Event()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(50)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def arm(self, mode: Mode, *, after: int = 0) -> None:
        """Do this to the conversations that begin from now on."""
        self.mode, self.arm_after, self.fired = mode, after, 0

    def strike(self, mode: Mode) -> None:
        """Do this to the next request of the conversations that are going on."""
        self._strike = mode

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        mode, arm_after = self.mode, self.arm_after
        with client, contextlib.suppress(OSError):
            if mode == "hang_accept":
                self._over.wait()
                return
            with socket.create_connection(self.upstream) as server:
                self._talk(client, server, mode, arm_after)

    def _talk(self, client: socket.socket, server: socket.socket, mode: Mode, arm_after: int) -> None:
        chunks, armed = 0, False
        while not self._over.is_set():
            ready, _, _ = select.select([client, server], [], [], 0.2)
            if client in ready:
                data = client.recv(65536)
                if not data:
                    return
                if self._strike != "pass":
                    mode, arm_after, self._strike = self._strike, chunks, "pass"
                chunks += 1
                armed = mode != "pass" and chunks > arm_after
                if armed:
                    self.fired += 1
                    if mode == "cut_on_request":
                        return
                    if mode == "garbage":
                        client.sendall(b"\x16\x03\x01HTTP/1.1 400 nope\r\n\r\n" + b"\xff" * 64)
                        return
                server.sendall(data)
            if server in ready:
                data = server.recv(65536)
                if not data:
                    return
                if armed:
                    self._lose(client, data, mode)
                    return
                client.sendall(data)

    def _lose(self, client: socket.socket, data: bytes, mode: Mode) -> None:
        if mode == "rst_after_request":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if mode == "half_reply":
            client.sendall(data[: len(data) // 2])
        if mode in ("half_reply", "stall_after_request"):
            self._over.wait()
