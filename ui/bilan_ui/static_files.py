"""The files that pages are made with: styles, scripts, pictures. Browsers keep each while it is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN = Path(__file__).parent / "static"
SHARED = "bilan.rendering"
"""What reports need in pages and in files alike is shipped with their rendering."""
FOREVER = "public, max-age=31536000, immutable"
SOON = "public, max-age=3600"


@cache
def address(name: str) -> str:
    """The address of a shipped file; it changes with what is in it."""
    return f"/static/{name}?v={_versions()[name]}"


@cache
def _versions() -> Mapping[str, str]:
    shared = resources.files(SHARED) / "static"
    files = [one for folder in (shared, OWN) for one in folder.iterdir() if one.is_file()]
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest()[:12] for one in files}


def static_files() -> ASGIApp:
    """Serves the files, compressed. They hold no secret, so compressing them gives none away."""
    return CacheControl(
        GZipMiddleware(StaticFiles(directory=OWN, packages=[(SHARED, "static")]), minimum_size=500)
    )


class CacheControl:
    """Tells browsers to keep what is asked for by its version; other addresses may get a new answer soon."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].rpartition("/")[2]
        asked = scope.get("query_string", b"").decode("latin-1")
        kept = FOREVER if asked == f"v={_versions().get(name)}" else SOON

        async def send_cached(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                MutableHeaders(scope=message)["cache-control"] = kept
            await send(message)

        await self.app(scope, receive, send_cached)
