"""Connections are taken many at a time."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import closing

import pytest

from bilan.http import accepting
from bilan.http.accepting import Acceptor

pytestmark = pytest.mark.integration


class Greeter(asyncio.Protocol):
    """Says hello, so that it shows whose connection was taken."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


async def test_hundreds_of_connections_are_taken_in_a_few_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, take = list[int](), Acceptor._take

    def counted(self: Acceptor) -> None:
        turns.append(1)
        take(self)

    monkeypatch.setattr(Acceptor, "_take", counted)
    with closing(socket.create_server(("127.0.0.1", 0), backlog=512)) as listener:
        clients = [socket.create_connection(listener.getsockname()) for _client in range(200)]
        acceptor = Acceptor(listener, Greeter)
        for client in clients:
            reader, writer = await asyncio.open_connection(sock=client)
            assert await reader.read() == b"hello"
            writer.close()
        acceptor.close()

    # Two hundred, 64 at a time.
    assert len(turns) <= 5


async def test_where_no_file_can_be_opened_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "PAUSE", 0)
    refused = [OSError(errno.EMFILE, "Too many open files"), ConnectionAbortedError()]

    class Listener(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            if refused:
                raise refused.pop(0)
            return super().accept()

    with closing(Listener(socket.AF_INET, socket.SOCK_STREAM)) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname())
        acceptor = Acceptor(listener, Greeter)
        reader, writer = await asyncio.open_connection(sock=client)
        assert await reader.read() == b"hello"
        writer.close()
        acceptor.close()

    assert refused == []


async def test_a_closed_acceptor_takes_nothing() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        Acceptor(listener, Greeter).close()
        with closing(socket.create_connection(listener.getsockname())) as client:
            client.setblocking(False)
            await asyncio.sleep(0)
            with pytest.raises(BlockingIOError):
                client.recv(5)
