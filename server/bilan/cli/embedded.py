"""The embedded server: one for a single command, on a data folder where none runs."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bilan import logs
from bilan.app import Bilan
from bilan.app.serving import UvicornServer, listen_unix, serving
from bilan.app.web import control_application
from bilan.cli.settings import settings_from_environment


@asynccontextmanager
async def embedded_server() -> AsyncGenerator[Path]:
    """The control socket of a server in this process, which nobody else knows of."""
    settings = settings_from_environment()
    logs.configure(settings.log_format, level=logging.WARNING)
    async with Bilan.open(settings, local=True) as bilan, bilan.working():
        with tempfile.TemporaryDirectory(prefix="bilan-") as folder:
            path = Path(folder) / "control.sock"
            with listen_unix(path) as listener:
                async with serving(UvicornServer(control_application(bilan)), listener):
                    yield path
