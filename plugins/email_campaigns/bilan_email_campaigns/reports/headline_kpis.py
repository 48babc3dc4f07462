"""The few figures that tell the story of an e-mail, rendered larger and before the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from bilan.sdk import Kpi, Mark

HEADLINE = (
    ("email.delivered", "email.sends"),
    ("email.open_rate", "email.unique_opens"),
    ("email.click_rate", "email.unique_clicks"),
    ("email.unsubscribe_rate", "email.unsubscribes"),
)
"""What leads: of each line the first that has a figure."""
COMPLAINTS = ("email.complaint_rate", "email.spam_reports")
"""What takes the place of unsubscribes where it asks for attention."""
PEOPLE = (("email.unique_human_opens",), ("email.unique_human_clicks",))
"""What leads where people are told from machines."""


def headline_kpis(tiles: Iterable[Kpi], story: Iterable[tuple[str, ...]] = HEADLINE) -> tuple[Kpi, ...]:
    """The tiles with at most four leads in front, the others behind in their order."""
    known = {tile.key: tile for tile in tiles}
    leading = tuple(_leading(known, story))
    others = (tile for key, tile in known.items() if key not in leading)
    return (*(replace(known[key], lead=True) for key in leading), *others)


def _leading(tiles: Mapping[str, Kpi], story: Iterable[tuple[str, ...]]) -> Iterator[str]:
    urgent = tuple(key for key in COMPLAINTS if key in tiles and tiles[key].mark is Mark.RED_FLAG)
    for line in story:
        wanted = (*urgent, *line) if line == HEADLINE[-1] else line
        if found := [key for key in wanted if key in tiles and tiles[key].value is not None]:
            yield found[0]
