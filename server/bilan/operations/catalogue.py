"""Every operation by its name."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any

from bilan.operations.accounts import create_person, create_token
from bilan.operations.events import Step
from bilan.operations.exports import export
from bilan.operations.imports import import_file
from bilan.operations.reports import report
from bilan.operations.sending import send
from bilan.operations.sources import add_source, list_sources
from bilan.services import Services

Operation = Callable[[Services, Mapping[str, Any], AsyncIterator[bytes] | None], AsyncGenerator[Step]]

OPERATIONS: Mapping[str, Operation] = {
    "sources.add": add_source,
    "sources.list": list_sources,
    "tokens.create": create_token,
    "people.add": create_person,
    "import": import_file,
    "report": report,
    "send": send,
    "export": export,
}
