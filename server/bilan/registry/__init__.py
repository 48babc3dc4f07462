"""What the installed plugins declared, checked once at start-up."""

from bilan.registry.declared import Declared, Registry
from bilan.registry.gather import load

__all__ = ["Declared", "Registry", "load"]
