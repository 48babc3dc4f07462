"""A block with a look of its own: lanes as bars of hours."""

from __future__ import annotations

from markupsafe import Markup

from bilan.sdk import BlockRenderer, Custom, RenderContext, Unit

LINE = Markup('<li><b>{lane}</b> <meter min="0" max="{most}" value="{hours}"></meter> {shown}</li>')


def draw(block: Custom, context: RenderContext) -> str:
    """The lanes as a list; every value is escaped by ``Markup``."""
    hours: dict[str, float] = block.data["hours"]
    most = max(hours.values(), default=0)
    lines = [
        LINE.format(lane=lane, most=most, hours=value, shown=context.formatter.value(value, Unit.NUMBER))
        for lane, value in hours.items()
    ]
    return Markup("<ul>{}</ul>").format(Markup().join(lines))


LANES = BlockRenderer("html", "parcels.lanes", draw)
