"""What a format is asked to do: by the look, by the report's own parameters, or by default."""

from __future__ import annotations

from typing import Any

from bilan.sdk.document import Document
from bilan.sdk.rendering import Look


def option(document: Document, look: Look, key: str, default: Any = None) -> Any:
    """The look's option; else the document's parameter of the same key; else ``default``."""
    if look.options.get(key) is not None:
        return look.options[key]
    for parameter in document.parameters:
        if parameter.key == key and parameter.value is not None:
            return parameter.value
    return default
