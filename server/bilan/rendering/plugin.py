"""The core's renderers, through the hook that plugins use."""

from __future__ import annotations

from bilan.rendering.csv_format import CSV
from bilan.rendering.html_format import HTML
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.pptx_format import PPTX
from bilan.rendering.xlsx_format import XLSX
from bilan.sdk.hooks import hookimpl
from bilan.sdk.plugins import Plugin
from bilan.sdk.rendering import Renderer
from bilan.sdk.textdomain import _


class _Rendering:
    """The formats that every server has."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        return Plugin(name="rendering", namespace="core", label=_("File formats"), package="bilan")

    @hookimpl
    def register_renderers(self) -> tuple[Renderer, ...]:
        # In the order in which people are offered them.
        return (PDF, PPTX, XLSX, CSV, HTML)


RENDERING = _Rendering()
