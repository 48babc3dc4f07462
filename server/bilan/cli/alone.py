"""Runs an operation in the process of the command, where no server runs."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from bilan import logs
from bilan.app import Bilan
from bilan.cli.settings import settings_from_environment
from bilan.operations.catalogue import OPERATIONS
from bilan.operations.events import Step


async def alone(
    name: str, arguments: Mapping[str, Any], upload: AsyncIterator[bytes] | None
) -> AsyncGenerator[Step]:
    """What the operation tells, step by step."""
    settings = settings_from_environment()
    logs.configure(settings.log_format, level=logging.WARNING)
    async with (
        Bilan.open(settings, local=True) as bilan,
        bilan.working(),
        aclosing(OPERATIONS[name](bilan.services, arguments, upload)) as found,
    ):
        async for step in found:
            yield step
