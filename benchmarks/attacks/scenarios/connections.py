"""Connections over which little or nothing comes."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

from benchmarks.attacks.target import Target, attack

SOCKETS = 1_100
PAUSE = 1.0


@attack("5", "1,100 silent sockets, opened anew where they are closed")
def silent_sockets(target: Target) -> None:
    """A process at ``ulimit -n 1024`` cannot open so many files."""
    _hold(target, SOCKETS, lambda _socket: None)


@attack("5", "1,100 sockets with a head that comes letter by letter")
def slow_heads(target: Target) -> None:
    """Nobody is silent for long."""
    _hold(target, SOCKETS, lambda one: one.send(b"x"), b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-A: ")


@attack("5", "1,100 sockets with a body that comes byte by byte")
def slow_bodies(target: Target) -> None:
    """Each of them is a request that waits."""
    head = (
        f"POST {target.mailgun} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000000\r\n\r\n"
    )
    _hold(target, SOCKETS, lambda one: one.send(b"x"), head.encode())


@attack("5", "500 websockets of nobody, which never introduce themselves")
def websockets(target: Target) -> None:
    """Each may take ten seconds to say who it is."""
    head = (
        "GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    _hold(target, 500, lambda _socket: None, head.encode())


@attack("5", "4 sockets with heads without an end")
def endless_heads(target: Target) -> None:
    """As much of a head as the network brings."""

    def send() -> None:
        with contextlib.suppress(OSError), target.connect() as one:
            one.sendall(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-A: ")
            while target.going():
                one.sendall(b"x" * 65_536)
        target.got["closed"] += 1

    target.until_over(4, send)


@attack("5", "50 sockets that send 3,000 requests at once and read no answer")
def requests_sent_ahead(target: Target) -> None:
    """Uvicorn parses them all before it answers one."""

    def send() -> None:
        try:
            with target.connect() as one:
                one.settimeout(PAUSE)
                one.sendall(b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n" * 3_000)
                time.sleep(PAUSE)
            target.got["sent"] += 1
        except OSError:
            target.got["closed"] += 1

    target.until_over(50, send)


def _hold(target: Target, count: int, again: Callable[[socket.socket], object], first: bytes = b"") -> None:
    """Keep so many sockets open; those that the server closes are counted and opened anew."""
    held: list[socket.socket] = []
    try:
        while target.going():
            while len(held) < count and target.going():
                try:
                    one = target.connect()
                    one.sendall(first)
                except OSError:
                    target.got["refused"] += 1
                    break
                held.append(one)
            time.sleep(PAUSE)
            held = [one for one in held if _is_open(one, again, target)]
    finally:
        target.got["held open"] += len(held)
        for one in held:
            one.close()


def _is_open(one: socket.socket, again: Callable[[socket.socket], object], target: Target) -> bool:
    try:
        again(one)
        one.setblocking(False)
        try:
            told = one.recv(4096)
        except BlockingIOError:
            return True
        finally:
            one.setblocking(True)
    except OSError:
        told = b""
    target.got[told.split(b"\r\n")[0].decode("latin-1")[9:] if told else "closed"] += 1
    if told.startswith(b"HTTP/1.1 101"):
        return True
    one.close()
    return False
