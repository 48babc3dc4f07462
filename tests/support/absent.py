"""Services that are not there: their tests are skipped and listed; in CI they fail.

See docs/decisions/008.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(service: str, reason: str) -> NoReturn:
    """Skip the test, or fail it where CI has promised that everything is there."""
    sentence = f"no {service}: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
