"""How cells look: number formats by unit, and the few styles of heads, totals and titles."""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from bilan.rendering.colours import readable, tint
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import FIGURES, Unit

ACCENT = "#0e6377"
INK, SOFT, LINE, ALERT = "#1c2430", "#566072", "#d5dae1", "#b3261e"

NUMBER_FORMATS = {
    Unit.COUNT: "#,##0",
    Unit.NUMBER: "#,##0.00",
    Unit.PROPORTION: "0.0%",
    Unit.SECONDS: "[h]:mm:ss",
    Unit.BYTES: "#,##0",
    Unit.DATE: "yyyy-mm-dd",
    Unit.INSTANT: "yyyy-mm-dd hh:mm:ss",
}
POINTS = '+#,##0.0" pt";-#,##0.0" pt";0.0" pt"'
CHANGE = "+0.0%;-0.0%;0.0%"


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: Workbook, context: RenderContext) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.accent = readable(context.brand.colour, ACCENT)

    def of(self, unit: Unit = Unit.TEXT, *, total: bool = False, alert: bool = False) -> Format:
        """The format of a cell in a table."""
        style: dict[str, Any] = {"num_format": NUMBER_FORMATS.get(unit, "General")}
        if total:
            style |= {"bold": True, "top": 1, "top_color": self.accent}
        if alert:
            style |= {"font_color": ALERT, "bold": True}
        return self._format(style)

    def head(self, unit: Unit = Unit.TEXT) -> Format:
        """The format of a column's head."""
        return self._format(
            {
                "bold": True,
                "font_color": "#ffffff",
                "bg_color": self.accent,
                "align": "right" if unit in FIGURES else "left",
                "valign": "vcenter",
                "text_wrap": True,
            }
        )

    @property
    def title(self) -> Format:
        """The title of the workbook."""
        return self._format({"bold": True, "font_size": 20, "font_color": self.accent})

    @property
    def heading(self) -> Format:
        """A heading on the summary."""
        return self._format(
            {"bold": True, "font_size": 13, "font_color": INK, "bottom": 1, "bottom_color": LINE}
        )

    @property
    def soft(self) -> Format:
        """What stands back: subtitles, names of facts."""
        return self._format({"font_color": SOFT, "valign": "top"})

    @property
    def prose(self) -> Format:
        """Sentences, broken into lines."""
        return self._format({"text_wrap": True, "valign": "top"})

    @property
    def term(self) -> Format:
        """What a sentence is about."""
        return self._format({"bold": True, "text_wrap": True, "valign": "top"})

    @property
    def link(self) -> Format:
        """What leads to a sheet."""
        return self._format({"font_color": self.accent, "underline": 1})

    def change(self, unit: Unit, *, good: bool | None) -> Format:
        """The change of a figure: in points between shares, else in per cent."""
        colour = {True: "#0a6e4b", False: ALERT, None: SOFT}[good]
        return self._format(
            {
                "num_format": POINTS if unit is Unit.PROPORTION else CHANGE,
                "font_color": colour,
                "align": "right",
            }
        )

    @property
    def band(self) -> str:
        """A ground that is barely there."""
        return tint(self.accent, 0.08)

    def _format(self, style: dict[str, Any]) -> Format:
        key = tuple(sorted(style.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(style)
        return self._made[key]
