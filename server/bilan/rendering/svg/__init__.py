"""Charts as SVG: one small module a kind, the same picture in a page, a file and an e-mail.

Colours come from classes, so that a stylesheet and its dark mode reach them,
with presentation attributes underneath for programs that read no CSS. There
are no style attributes, which a strict content security policy forbids.
"""

from bilan.rendering.svg.chart import draw_chart

__all__ = ["draw_chart"]
