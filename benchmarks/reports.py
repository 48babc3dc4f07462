"""Reports built through GraphQL."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.served import Served

RUN_REPORT = """
mutation ($kind: String!, $parameters: JSON!, $formats: [String!]!) {
  buildKind(kind: $kind, parameters: $parameters, formats: $formats, language: "en") { id }
}
"""
RUN = "query ($id: ID!) { run(id: $id) { state error files { url size } } }"
OVER = ("SUCCEEDED", "FAILED", "CANCELLED")


def finished(served: Served, run: str, files: int = 0, every: float = 0.02) -> dict[str, Any]:
    """The run, when it is over and has so many files. Raises where it failed."""
    while True:
        found = served.ask(RUN, id=run)["run"]
        if found["state"] in OVER and len(found["files"]) >= files:
            break
        time.sleep(every)
    if found["state"] != "SUCCEEDED":
        raise RuntimeError(found["error"])
    return found
