"""What a format is asked to do: by the render context, by the report's own parameters, or by default."""

from __future__ import annotations

from typing import Any

from bilan.sdk.document import Document
from bilan.sdk.rendering import RenderContext


def option(document: Document, context: RenderContext, key: str, default: Any = None) -> Any:
    """The context's option; else the document's parameter of the same key; else ``default``."""
    if context.options.get(key) is not None:
        return context.options[key]
    for parameter in document.parameters:
        if parameter.key == key and parameter.value is not None:
            return parameter.value
    return default
