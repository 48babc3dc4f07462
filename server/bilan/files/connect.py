"""The object store behind a URL."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from bilan.sdk.errors import Invalid, Unavailable
from bilan.sdk.textdomain import _

RETRY_TIMEOUT = timedelta(seconds=20)
"""How long a store that does not answer is tried again before the step says so."""


def connect(url: str) -> ObjectStore:
    """Open ``file:///folder``, ``s3://bucket/prefix`` or ``memory:///``.

    The address and credentials of S3 come from the usual ``AWS_…``
    environment variables. Raises ``Invalid`` for another URL and
    ``Unavailable`` where the folder cannot be made.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _folder(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        return S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")},
            retry_config={"max_retries": 5, "retry_timeout": RETRY_TIMEOUT},
        )
    if parts.scheme == "memory":
        return MemoryStore()
    raise Invalid(
        _("{url} is no place for files. Use file:///folder or s3://bucket/prefix.", url=url),
        ("BILAN_FILES_URL",),
    )


def _folder(path: Path) -> LocalStore:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            _("The folder {path} for files cannot be made: {reason}.", path=str(path), reason=str(error)),
            ("BILAN_FILES_URL",),
        ) from error
    return LocalStore(path)
