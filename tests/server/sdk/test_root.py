"""Everything a plugin needs stands in the root of the SDK, each name for one thing."""

from __future__ import annotations

import inspect
from pkgutil import iter_modules

import bilan.sdk


def test_every_class_of_the_sdk_stands_in_its_root() -> None:
    modules = [f"bilan.sdk.{module.name}" for module in iter_modules(bilan.sdk.__path__)]
    classes = {
        name: thing
        for module in modules
        for name, thing in vars(__import__(module, fromlist=["_"])).items()
        if inspect.isclass(thing) and thing.__module__ == module and not name.startswith("_")
    }
    internal = {
        "CheckedBytes",
        "Definition",
        "ParameterValue",
        "Provenance",
        "Header",
        "JsonPieces",
        "Passed",
    }
    """What the core adds to a document, and what the reading of files hands on within itself."""

    assert classes.keys() - vars(bilan.sdk).keys() <= internal
    assert all(vars(bilan.sdk)[name] is thing for name, thing in classes.items() if name not in internal)


def test_what_stands_in_the_root_is_what_it_says_it_offers() -> None:
    assert sorted(bilan.sdk.__all__) == sorted(set(bilan.sdk.__all__))
    assert all(hasattr(bilan.sdk, name) for name in bilan.sdk.__all__)
