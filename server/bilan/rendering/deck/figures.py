"""Figures in words: what a tile's change, its figure before and its remarks are called on slides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.footnotes import Footnote
from bilan.rendering.tiles import ShownKpi, shown_kpis
from bilan.sdk.document import Kpi, Kpis
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import Unit

ARROWS = {"up": "▲", "down": "▼", "flat": "●", "": ""}
ATTENTION = "⚑"
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A tile as slides show it. ``before`` is the earlier figure, ``against`` a sentence about it,
    ``named`` the figure after its label."""

    shown: ShownKpi
    before: str
    against: str
    named: str

    @property
    def change(self) -> str:
        """The change with its arrow."""
        if not self.shown.trend:
            return ""
        said = (self.shown.change or self.shown.alt_text).replace(" ", NO_BREAK)
        return f"{ARROWS[self.shown.trend]}{NO_BREAK}{said}"

    @property
    def alt_text(self) -> str:
        """The whole tile in a line, for those who hear it."""
        shown = self.shown
        parts = (self.named, shown.change, self.against, *shown.remarks)
        return ", ".join(filter(None, parts))


def figures_of(deck: Deck, blocks: Iterable[Kpis]) -> list[Figure]:
    """The figures of some rows of tiles."""
    return [
        _figure(deck, tile, shown)
        for kpis in blocks
        for tile, shown in zip(kpis.tiles, shown_kpis(kpis, deck.context), strict=True)
    ]


def _figure(deck: Deck, tile: Kpi, shown: ShownKpi) -> Figure:
    named = deck.text(_("{part}: {title}", part=shown.label, title=shown.value))
    if not tile.compared and tile.previous is None:
        return Figure(shown, "", "", named)
    if tile.previous is None:
        return Figure(shown, "", deck.text(_("no earlier figure")), named)
    before = deck.context.formatter.value(tile.previous, tile.unit)
    against = {
        "up": _("up from {figure}", figure=before),
        "down": _("down from {figure}", figure=before),
        "flat": _("unchanged from {figure}", figure=before),
        "": _("previously {figure}", figure=before),
    }[shown.trend]
    return Figure(shown, before, deck.text(against), named)


def colour_of(deck: Deck, shown: ShownKpi) -> str:
    """The colour of a change: whether it is welcome, unwelcome or neither."""
    return {True: deck.palette.good, False: deck.palette.bad, None: deck.palette.soft}[shown.good]


def signs_of(figures: Sequence[Figure]) -> dict[tuple[str, ...], str]:
    """A sign for each different set of remarks, in their order: a flag, or a number."""
    signs: dict[tuple[str, ...], str] = {}
    for one in figures:
        if one.shown.remarks and one.shown.remarks not in signs:
            number = str(sum(not sign.startswith(ATTENTION) for sign in signs.values()) + 1)
            flags = sum(sign.startswith(ATTENTION) for sign in signs.values())
            signs[one.shown.remarks] = (
                ATTENTION + (str(flags + 1) if flags else "") if (one.shown.alert) else number
            )
    return signs


def footnotes_of(deck: Deck, figures: Sequence[Figure]) -> list[Footnote]:
    """What the signs mean, with the figures they belong to."""
    formatter, found = deck.context.formatter, []
    for remarks, sign in signs_of(figures).items():
        marked = [one.shown for one in figures if one.shown.remarks == remarks]
        labels = formatter.value([one.label for one in marked], Unit.TEXTS)
        said = " – ".join(remarks)
        sentence = deck.text(_("{part}: {title}", part=labels, title=said))
        found.append(Footnote(f"{sign} {sentence}", alert=any(one.alert for one in marked)))
    return found


def trends(deck: Deck, figures: Iterable[Figure]) -> str:
    """How many figures rose and fell, in a sentence; nothing where nothing is compared."""
    seen = [one.shown.trend for one in figures if one.shown.trend]
    up, down, flat = (seen.count(trend) for trend in ("up", "down", "flat"))
    parts = (
        (up, ngettext("{count} figure up", "{count} figures up", count=up)),
        (down, ngettext("{count} figure down", "{count} figures down", count=down)),
        (flat, ngettext("{count} figure unchanged", "{count} figures unchanged", count=flat)),
    )
    said = [deck.text(sentence) for count, sentence in parts if count]
    if not said:
        return ""
    listed = deck.context.formatter.value(said, Unit.TEXTS)
    return deck.text(_("Against the period before: {changes}.", changes=listed))
