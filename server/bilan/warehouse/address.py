"""Where the warehouse is: a folder or a server, from one URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

DATABASE = "bilan"
"""The database where the URL names none."""
OPTIONS = frozenset({"verify", "ca_cert", "client_cert", "client_cert_key", "server_host_name", "compress"})
"""What may follow the question mark of a server's URL, besides ``database``."""


@dataclass(frozen=True, slots=True)
class Address:
    """A warehouse's place: ``path`` for the embedded one, ``server`` for the other."""

    database: str
    path: Path | None = None
    server: dict[str, Any] | None = None

    def __str__(self) -> str:
        """For messages: without credentials."""
        if self.server is None:
            return f"chdb://{self.path}"
        return f"clickhouse://{self.server['host']}:{self.server['port']}/{self.database}"


def parse(url: str) -> Address:
    """Read ``chdb:///folder`` or ``clickhouse[s]://user:password@host:port/database``.

    The embedded warehouse takes its database from ``?database=``. A server
    without a port is reached at 8123, with ``clickhouses`` (TLS) at 8443.
    Raises ``Invalid`` for another URL.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "chdb" and not parts.netloc and len(parts.path) > 1:
        database = options.pop("database", DATABASE)
        address = Address(database, path=Path(unquote(parts.path)).resolve())
    elif parts.scheme in ("clickhouse", "clickhouses") and parts.hostname:
        database = unquote(parts.path.strip("/")) or options.pop("database", DATABASE)
        secure = parts.scheme == "clickhouses"
        server: dict[str, Any] = {
            "host": parts.hostname,
            "port": parts.port or (8443 if secure else 8123),
            "interface": "https" if secure else "http",
            "username": unquote(parts.username or "default"),
            "password": unquote(parts.password or ""),
        }
        server |= {name: options.pop(name) for name in OPTIONS & options.keys()}
        address = Address(database, server=server)
    else:
        raise Invalid(
            _("{url} is no place for facts. Use chdb:///folder or clickhouse://user:password@host:8123/database.",
              url=_without_password(url)),
            ("BILAN_WAREHOUSE_URL",),
        )  # fmt: skip
    if options:
        raise Invalid(
            _("The warehouse's URL has an unknown option {option}.", option=next(iter(options))),
            ("BILAN_WAREHOUSE_URL",),
        )
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", address.database):
        raise Invalid(
            _("{name} cannot name a database: use letters, digits and underscores.", name=address.database),
            ("BILAN_WAREHOUSE_URL",),
        )  # fmt: skip
    return address


def _without_password(url: str) -> str:
    return re.sub(r"://[^@/]*@", "://…@", url)
