"""What the figures say, each in a sentence that holds for every input, or in none.

Nothing is said where a figure is missing, where nothing was sent, or where
two things are equally true. What goes up and down is only told of rates of
so many e-mails that they do not swing by chance. See docs/decisions/047.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from bilan.sdk import Message
from bilan_email_campaigns.textdomain import _, ngettext

Figures = Mapping[str, Any]
"""Figures by metric."""

FEW = 30
"""Rates of fewer e-mails than this swing by chance."""


def engagement(now: Figures, before: Figures | None = None) -> Message | None:
    """How many opened and clicked: with a comparison how that changed, else of how many e-mails."""
    return (_changed(now, before) if before else None) or _shares(now) or _counts(now)


def machines(now: Figures, _before: Figures | None = None) -> Message | None:
    """Which part of the opens and clicks machines made; nothing where none was told apart from people."""
    opens, clicks = (_part(now, f"email.machine_{key}", f"email.{key}") for key in ("opens", "clicks"))
    if opens and clicks:
        return _(
            "Machines made {opens:proportion} of the opens and {clicks:proportion} of the clicks.",
            opens=opens, clicks=clicks,
        )  # fmt: skip
    if opens:
        return _("Machines made {opens:proportion} of the opens.", opens=opens)
    return _("Machines made {clicks:proportion} of the clicks.", clicks=clicks) if clicks else None


def points(difference: float) -> Message:
    """The distance between two shares, in points of a per cent and never in per cent."""
    return ngettext("{count} point", "{count} points", count=round(abs(difference) * 100, 1))


def _shares(now: Figures) -> Message | None:
    delivered, opened, clicked = (now.get(f"email.{key}") for key in ("delivered", "open_rate", "click_rate"))
    # Of e-mails delivered before the period more may be opened in it than were delivered in it.
    if not delivered or delivered < 2 or not (_share(opened) and _share(clicked)):
        return None
    return _(
        "Of {delivered:count} delivered e-mails, {opened:proportion} were opened and "
        "{clicked:proportion} clicked.",
        delivered=delivered, opened=opened, clicked=clicked,
    )  # fmt: skip


def _counts(now: Figures) -> Message | None:
    delivered, opened, clicked = (
        now.get(f"email.{key}") for key in ("delivered", "unique_opens", "unique_clicks")
    )
    if not delivered or opened is None or clicked is None:
        return None
    return ngettext(
        "One e-mail was delivered, with {opens} and {clicks}.",
        "{count:count} e-mails were delivered, with {opens} and {clicks}.",
        count=delivered,
        opens=ngettext("{count:count} unique open", "{count:count} unique opens", count=opened),
        clicks=ngettext("{count:count} unique click", "{count:count} unique clicks", count=clicked),
    )


def _changed(now: Figures, before: Figures) -> Message | None:
    keys = ("email.open_rate", "email.click_rate")
    many = all((figures.get("email.delivered") or 0) >= FEW for figures in (now, before))
    if not many or not all(_share(figures.get(key)) for figures in (now, before) for key in keys):
        return None
    opens, clicks = (_moved(now[key], before[key]) for key in keys)
    figures = {
        "opened": now[keys[0]],
        "clicked": now[keys[1]],
        "by": points(now[keys[0]] - before[keys[0]]),
        "and_by": points(now[keys[1]] - before[keys[1]]),
    }
    return replace(_RATES_MOVED[opens, clicks], args=figures)


def _part(now: Figures, above: str, below: str) -> float | None:
    return (now.get(above) or 0) / now[below] if now.get(below) else None


def _moved(now: float, before: float) -> int:
    """Up, down, or too little to show in tenths of a point."""
    difference = round((now - before) * 100, 1)
    return (difference > 0) - (difference < 0)


def _share(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


_RATES_MOVED = {
    (1, 1): _(
        "The open rate rose by {by} to {opened:proportion}, "
        "the click rate by {and_by} to {clicked:proportion}."
    ),
    (-1, -1): _(
        "The open rate fell by {by} to {opened:proportion}, "
        "the click rate by {and_by} to {clicked:proportion}."
    ),
    (1, -1): _(
        "The open rate rose by {by} to {opened:proportion}, "
        "while the click rate fell by {and_by} to {clicked:proportion}."),
    (-1, 1): _(
        "The open rate fell by {by} to {opened:proportion}, "
        "while the click rate rose by {and_by} to {clicked:proportion}."),
    (1, 0): _("The open rate rose by {by} to {opened:proportion}; the click rate hardly changed."),
    (-1, 0): _("The open rate fell by {by} to {opened:proportion}; the click rate hardly changed."),
    (0, 1): _("The click rate rose by {and_by} to {clicked:proportion}; the open rate hardly changed."),
    (0, -1): _("The click rate fell by {and_by} to {clicked:proportion}; the open rate hardly changed."),
    (0, 0): _(
        "Open rate and click rate hardly changed: {opened:proportion} were opened, "
        "{clicked:proportion} clicked."
    ),
}  # fmt: skip
