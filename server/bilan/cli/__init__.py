"""The command line. Start with ``bilan --help``."""

from bilan.cli.main import application, main

__all__ = ["application", "main"]
