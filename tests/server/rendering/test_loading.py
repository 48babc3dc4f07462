"""What the formats load before something is rendered in them."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

HEAVY = ("pptx", "xlsxwriter", "lxml", "typst", "pypdf")


@pytest.mark.parametrize("module", ["bilan.rendering.plugin", "bilan.app"])
def test_the_formats_load_nothing_heavy_until_they_render(module: str) -> None:
    program = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
