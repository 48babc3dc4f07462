"""Figures on a slide: those that lead large, the others in a list below; one slide wherever it is legible."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.figures import Figure, figures_of, footnotes_of, trends
from bilan.rendering.deck.footnotes import Footnote
from bilan.rendering.deck.grid import GAP, PAGE
from bilan.rendering.deck.kpi_hero import MOST, add_kpi_hero, tall
from bilan.rendering.deck.kpi_table import add_kpi_table, capacity, plan, tightest
from bilan.sdk.document import Kpis
from bilan.sdk.textdomain import _

FEW = 4
"""Up to so many figures are all large, whether they lead or not."""
ABOVE = 2.15
"""Inches at which the content of these slides begins at most: a title of two lines and a line below it."""


def add_tiles(deck: Deck, blocks: Sequence[Kpis], section: str, footnotes: Sequence[Footnote] = ()) -> None:
    """The figures of rows of tiles that tell one thing."""
    figures = figures_of(deck, blocks)
    if not figures:
        return
    leading, others = headline_kpis(figures)
    headline = next((deck.text(one.headline) for one in blocks if one.headline), "")
    title = headline or section or deck.text(_("Key figures"))
    parts = _parts(deck, leading, others, _room(footnotes))
    message = trends(deck, figures)
    for number, some in enumerate(parts, 1):
        leading = leading if number == 1 else []
        seen = [*leading, *some]
        below = [*footnotes_of(deck, some), *(footnotes if number == 1 else ())]
        page = deck.slide(
            deck.continued(title, number, len(parts)), section=section, message=message,
            metrics=[one.shown.definition for one in seen],
            alt_text=[f"{one.alt_text}." for one in seen], footnotes=below,
        )  # fmt: skip
        room = page.body
        if leading:
            room = add_kpi_hero(deck, page.slide, leading, room, alone=not others)
        if some:
            how = plan(deck, some, room.height) or tightest(some)
            add_kpi_table(deck, page.slide, some, room, how)


def headline_kpis(figures: Sequence[Figure]) -> tuple[list[Figure], list[Figure]]:
    """The figures that stand large, and the others."""
    if len(figures) <= FEW:
        return list(figures), []
    leading = [one for one in figures if one.shown.lead][:MOST]
    return leading, [one for one in figures if one not in leading]


def _room(footnotes: Sequence[Footnote]) -> float:
    """About how many inches the content of such a slide has."""
    return PAGE.y + PAGE.height - ABOVE - (0.5 if footnotes else 0)


def _parts(deck: Deck, leading: Sequence[Figure], others: list[Figure], room: float) -> list[list[Figure]]:
    """The others slide by slide: as few slides as hold them, each as full as the others."""
    foot = 0.35 * min(len({one.shown.remarks for one in others} - {()}), 2)
    first = room - foot - (tall(leading) + GAP if leading else 0)
    if not others or plan(deck, others, first):
        return [others]
    holds = [capacity(others, first)]
    while sum(holds) < len(others):
        holds.append(capacity(others, room - foot))
    parts: list[list[Figure]] = []
    start, share = 0, len(others) / sum(holds)
    for number, held in enumerate(holds):
        end = len(others) if number == len(holds) - 1 else start + min(ceil(held * share), held)
        parts.append(others[start:end])
        start = end
    return parts
