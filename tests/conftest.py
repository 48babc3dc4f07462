"""The fixtures live in ``fixtures/``, one module an area; each is a pytest plugin."""

from pathlib import Path

pytest_plugins = [
    f"fixtures.{path.stem}" for path in sorted(Path(__file__).parent.glob("fixtures/[a-z]*.py"))
]
