"""Every setting, typed, with its help text. Values come from ``BILAN_…`` environment variables."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bilan.control_socket import socket_path
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

SHORTEST_KEY = 32
"""Bytes of the server's secret at least."""


class Settings(BaseSettings):
    """What can be set. Without any setting everything is embedded below ``data_dir``."""

    model_config = SettingsConfigDict(env_prefix="BILAN_", extra="ignore")

    data_dir: Path = Field(default=Path("data"), description="The folder of all embedded state.")
    database_url: str = Field(
        default="",
        description="The catalogue: `sqlite:///…` or `postgres://…`. Default: SQLite in the data folder.",
    )
    warehouse_url: str = Field(
        default="",
        description="The facts: `chdb:///…` or `clickhouse://…`. Default: chDB in the data folder.",
    )
    broker_url: str = Field(
        default="",
        description="The queue: `amqp://…` or `redis://…`. Default: workers inside the server's process.",
    )
    files_url: str = Field(
        default="", description="The files: `file:///…` or `s3://…`. Default: a folder in the data folder."
    )
    mail_url: str = Field(
        default="",
        description=(
            "The mail server: `smtp://user:password@host:587?tls=require` or `smtps://host`; `tls` is "
            "`auto`, `require` (default with a password) or `never`, `ca` a file of certificates to trust. "
            "Without it e-mails stay in the outbox of the server, on a page of their own."
        ),
    )
    mail_from: str = Field(
        default="", description="The sender's address of e-mails. Default: `bilan@` the base URL's host."
    )
    mail_budget: int = Field(
        default=10 * 1000**2,
        description="The largest e-mail, in bytes. Files that would make it larger are linked to instead.",
        ge=100_000,
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs links, seals stored secrets. Default: made once, kept in the data folder.",
    )
    previous_secret_key: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "The secret key before, with which stored secrets are opened until `bilan keys rotate` has "
            "sealed them with the new one."
        ),
    )
    base_url: str = Field(
        default="", description="The address people reach the server at, for links and webhooks."
    )
    host: str = Field(default="127.0.0.1", description="The address `bilan serve` listens on.")
    port: int = Field(default=8000, description="The port `bilan serve` listens on.", ge=0, le=65535)
    connections: int = Field(
        default=2000,
        description=(
            "How many connections one process keeps open; fewer where it may open fewer files. Beyond, "
            "the one that has been silent longest is closed."
        ),
        ge=16,
        le=100_000,
    )
    connections_of_one: int = Field(
        default=250,
        description=(
            "How many of these may come from one address that is neither this machine's own nor one of "
            "`BILAN_TRUSTED_PROXIES`."
        ),
        ge=4,
        le=100_000,
    )
    worker_threads: int = Field(
        default=2, description="How many jobs one process works on at a time.", ge=1, le=64
    )
    inbox_limit: int = Field(
        default=200_000, description="How many unread webhook posts may wait before the answer is 503.", ge=1
    )
    inbox_seconds: float = Field(
        default=2.0,
        description="How many seconds of reading may wait, at the pace seen lately, before the answer to a"
        " webhook post is 503. While nothing can be read at all, `BILAN_INBOX_LIMIT` alone holds.",
        gt=0,
    )
    max_body_bytes: int = Field(
        default=32 * 1024 * 1024, description="The largest webhook post that is read, in bytes.", ge=1024
    )
    max_upload_bytes: int = Field(
        default=2 * 1024**3,
        description="The largest file that can be uploaded through the pages, in bytes.",
        ge=1024,
    )
    session_days: int = Field(default=14, description="How many days a sign-in lasts at most.", ge=1, le=365)
    session_idle_hours: int = Field(
        default=24,
        description="How many hours a sign-in lasts while nothing is done with it.",
        ge=1,
        le=365 * 24,
    )
    trusted_proxies: str = Field(
        default="",
        description=(
            "The addresses or networks of proxies before the server, separated by commas: what they say in "
            "`X-Forwarded-For` about where a request comes from counts. Default: nobody's word counts."
        ),
    )
    webhook_private_hosts: str = Field(
        default="",
        description=(
            "Hosts that reports may be posted to although they are in a private network or speak no TLS, "
            "such as a chat of the intranet: by name, separated by commas; `name=http://127.0.0.1:8123` "
            "sends what is posted to the name there. Default: none."
        ),
    )
    pull_private_hosts: str = Field(
        default="",
        description=(
            "Hosts that sources may be fetched from although they are in a private network or speak no TLS, "
            "by name, separated by commas: of an intranet, or of a test. They are asked at the port that the "
            "kind of source names, else at 443 or 80; `name=http://127.0.0.1:8123` sends what is asked of "
            "the name there. Default: none."
        ),
    )
    query_seconds: int = Field(
        default=60,
        description=(
            "The longest a question to the warehouse may take, or a file of rows may wait for the next one."
        ),
        ge=1,
    )
    query_memory_bytes: int = Field(
        default=4 * 1024**3,
        description="The most memory one question to the warehouse may use.",
        ge=64 * 1024**2,
    )
    questions: int = Field(
        default=8,
        description=(
            "How many questions of people one process answers at a time, and how many streams of rows it "
            "writes. A few more wait; the answer to others is 429."
        ),
        ge=1,
        le=256,
    )
    questions_of_one: int = Field(
        default=4, description="How many of these may be one person's.", ge=1, le=256
    )
    introspection: bool = Field(
        default=False,
        description=(
            "Whether strangers may read the schema of GraphQL, as in the demo. Without it nothing that a "
            "stranger sends to `/graphql` is read."
        ),
    )
    kept_answers_bytes: int = Field(
        default=64 * 1024**2,
        description=(
            "The memory in which a process keeps answers that programs asked for, to give them again while "
            "nothing they were made of has changed. 0 keeps none."
        ),
        ge=0,
    )
    render_memory_mb: int = Field(
        default=1024,
        description="The most memory rendering one large PDF may take, in megabytes.",
        ge=128,
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "What `/metrics` takes as `Authorization: Bearer …`, and what `/readyz` takes for the state of "
            "each part. Default: `/metrics` is for everybody who reaches the server."
        ),
    )
    log_format: str = Field(
        default="text", description="`text` for people, `json` for machines.", pattern="^(text|json)$"
    )
    secure_cookies: bool | None = Field(
        default=None, description="Send cookies over HTTPS only. Default: yes where the base URL is https."
    )

    def named(self, name: str) -> str:
        """A setting as text; of names that are none of ours, the environment's variable ``BILAN_…``."""
        if name in type(self).model_fields:
            return str(getattr(self, name))
        return os.environ.get(f"BILAN_{name.upper()}", "")

    @property
    def socket_path(self) -> Path:
        """The operator's socket, by which the command line reaches a running server."""
        return socket_path(self.data_dir)

    @property
    def catalog_url(self) -> str:
        """The catalogue's address, the embedded one without a setting."""
        return self.database_url or f"sqlite://{self.data_dir.resolve() / 'catalog.sqlite'}"

    @property
    def files_address(self) -> str:
        """The files' address, a folder without a setting."""
        return self.files_url or f"file://{self.data_dir.resolve() / 'files'}"

    @property
    def https(self) -> bool:
        """Whether people reach the server over HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def cookies_secure(self) -> bool:
        """Whether cookies go over HTTPS only."""
        return self.https if self.secure_cookies is None else self.secure_cookies

    @property
    def public_url(self) -> str:
        """The address in links, without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    def key(self) -> bytes:
        """The server's secret. Made on first use where none is set; kept readable by its owner alone."""
        if given := self.secret_key.get_secret_value():
            return _long_enough(given.encode(), "BILAN_SECRET_KEY")
        path = self.data_dir / "secret.key"
        if not path.exists():
            self._make_key(path)
        return _long_enough(path.read_bytes(), str(path))

    def previous_keys(self) -> tuple[bytes, ...]:
        """The secret before, as long as something may be sealed with it."""
        if given := self.previous_secret_key.get_secret_value():
            return (given.encode(),)
        kept = self.previous_key_path
        return (kept.read_bytes(),) if kept.exists() and not self.secret_key.get_secret_value() else ()

    @property
    def previous_key_path(self) -> Path:
        """Where the secret before is kept while stored secrets are sealed anew."""
        return self.data_dir / "secret.key.previous"

    def replace_key(self) -> None:
        """Make a new secret in place of that in the data folder, which is kept beside it until all is sealed.

        Broken off in the middle, it goes on where it was when it is called again.
        """
        path, kept = self.data_dir / "secret.key", self.previous_key_path
        self.key()
        if not kept.exists():
            kept.hardlink_to(path)
        if path.read_bytes() == kept.read_bytes():
            path.unlink()
            self._make_key(path)

    def _make_key(self, path: Path) -> None:
        # Linked into place when complete, so that of several processes that
        # start at once all read the first one's key, and none a half of it.
        self.data_dir.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_urlsafe(48).encode())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()


def _long_enough(key: bytes, where: str) -> bytes:
    if len(key) < SHORTEST_KEY:
        text = _(
            "The secret key in {where} has {size} bytes and needs at least {least}; "
            "make one with: openssl rand -base64 48",
            where=where, size=len(key), least=SHORTEST_KEY,
        )  # fmt: skip
        raise Invalid(text, ("secret_key",))
    return key
