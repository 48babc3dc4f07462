"""Bilan, a self-hosted, plugin-based reporting server."""

__version__ = "0.3.0"
