"""A letter as HTML that mail programs draw: tables for its frame, styles on the elements, no script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined

from bilan.delivery.email.letter import Letter
from bilan.rendering.blocks import words
from bilan.rendering.colours import ink_on, readable
from bilan.sdk.rendering import Look

ACCENT = "#0e6377"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the e-mail: by which address it is found, and how large it is drawn."""

    src: str
    width: int
    height: int


@cache
def environment() -> Environment:
    """The templates of e-mails. Escaping, strict about names."""
    return Environment(
        loader=PackageLoader("bilan.delivery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _inliner() -> CSSInliner:
    # What phones and dark screens need stays in a style element: it cannot stand on elements.
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def draw_html(letter: Letter, look: Look, pictures: Mapping[int, Shown], logo: Shown | None) -> str:
    """The whole letter. ``pictures`` are by the place of their part."""
    accent = readable(look.brand.colour, ACCENT)
    html = (
        environment()
        .get_template("mail.html")
        .render(
            words(look),
            letter=letter,
            pictures=pictures,
            logo=logo,
            accent=accent,
            on_accent=ink_on(accent),
        )
    )
    return _inliner().inline(html)
