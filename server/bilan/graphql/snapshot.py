"""Writes ``schema.graphql``, the reviewed snapshot: ``python -m bilan.graphql.snapshot [PATH]``."""

from __future__ import annotations

import sys
from pathlib import Path

from bilan.graphql.schema import build_schema
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING

HEADING = """\
# What /graphql answers, with the plugins of this repository installed. Generated
# by `make schema` and reviewed like code; a test compares it with the server.

"""


def snapshot(registry: Registry) -> str:
    """The schema of these plugins as text."""
    return f"{HEADING}{build_schema(registry).as_str()}\n"


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "schema.graphql")
    path.write_text(snapshot(load([("rendering", RENDERING)])), encoding="utf-8")
