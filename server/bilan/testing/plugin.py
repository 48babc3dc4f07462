"""The pytest plugin that comes with Bilan. It is loaded in every run, so it imports little."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bilan")
    group.addoption(
        "--bilan-plugin",
        action="append",
        default=[],
        metavar="NAME",
        help="The installed plugin that the contract suite checks; may be given several times.",
    )
