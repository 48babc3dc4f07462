"""The letter as it will look, for a page: rendered without its files and without its charts' pictures.

A letter's charts are PNG because mailboxes show no SVG. Rendering those is work
for whoever sends; a page shows the same chart as the SVG it is made from.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace

from bilan.delivery.email.html import Shown, render_html
from bilan.delivery.email.letter import Letter, write_letter
from bilan.delivery.email.message import BASE64, CARD_HEIGHT, CARD_WIDTH, CHART_WIDTH, shown_logo
from bilan.delivery.email.parts import Picture
from bilan.delivery.outgoing import NOT_RENDERED
from bilan.rendering.picture_files import card_picture, data_address
from bilan.rendering.pictures import still
from bilan.sdk.channels import OutgoingReport
from bilan.sdk.rendering import Brand, RenderContext
from bilan.sdk.textdomain import _

_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def preview(outgoing: OutgoingReport, budget: int) -> str:
    """The HTML of the letter, with every picture inside it. For threads."""
    fits = sum(max(one.size, 0) for one in outgoing.files) * BASE64 < budget
    attaching = outgoing.attach and bool(outgoing.files)
    letter = write_letter(outgoing, attached=attaching and fits, too_large=attaching and not fits)
    return render_html(
        _named(letter, outgoing),
        outgoing.render_context,
        _pictures(letter, outgoing.render_context),
        _logo(outgoing.render_context),
        _cards(letter, outgoing.render_context),
    )


def _named(letter: Letter, outgoing: OutgoingReport) -> Letter:
    """Files that are not rendered yet have no size to tell."""
    unknown = outgoing.render_context.formatter.text(_("size known once it is rendered"))
    files = (
        replace(entry, size=unknown) if file.size == NOT_RENDERED else entry
        for entry, file in zip(letter.files, outgoing.files, strict=True)
    )
    return replace(letter, files=tuple(files))


def _pictures(letter: Letter, context: RenderContext) -> Mapping[int, Shown]:
    shown: dict[int, Shown] = {}
    for index, part in enumerate(letter.parts):
        if isinstance(part, Picture):
            svg = still(part.chart, context.formatter)
            box = _BOX.search(svg)
            assert box is not None  # noqa: S101 - every chart has one
            height = round(CHART_WIDTH * float(box[2]) / float(box[1]))
            shown[index] = Shown(_inside("image/svg+xml", svg.encode()), CHART_WIDTH, height)
    return shown


def _cards(letter: Letter, context: RenderContext) -> Mapping[str, Shown]:
    found = {key: card_picture(context, key, 2 * CARD_WIDTH) for key in letter.card_pictures}
    return {
        key: Shown(data_address(content), CARD_WIDTH, CARD_HEIGHT)
        for key, content in found.items()
        if content
    }


def _logo(context: RenderContext) -> Shown | None:
    brand: Brand = context.brand
    if not brand.logo or not brand.logo_type:
        return None
    return shown_logo(brand, _inside(brand.logo_type, brand.logo))


def _inside(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
