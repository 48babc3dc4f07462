"""Ports that nobody else gets between the moment they are chosen and the moment they are used."""

from __future__ import annotations

import socket
import weakref


class ReservedPort:
    """A port held by a socket that does not listen, for as long as somebody refers to this.

    A server that sets SO_REUSEADDR, as all of ours do, can listen there, again and again; the system
    gives the number to nobody who asks for any port. Without a server connections are refused.
    """

    def __init__(self) -> None:
        holder = socket.socket()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        self.number: int = holder.getsockname()[1]
        weakref.finalize(self, holder.close)
