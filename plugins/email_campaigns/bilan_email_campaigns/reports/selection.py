"""Which messages a report is about: picked one by one, by their tags, or all of them.

Picks and tags add up. An event has a tag when it carries the tag itself or
when its campaign or Canvas is listed with it; both count together. Nothing
is remembered between runs, so newly tagged messages join by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bilan.sdk.conditions import AllOf, AnyOf, Condition, HasAny, In, Is, Not, Present
from bilan.sdk.parameters import Values
from bilan.sdk.query import Ask
from bilan_email_campaigns.reports.listed import Listed, listed

ANY, ALL = "any", "all"


@dataclass(frozen=True)
class Selection:
    """What was chosen, and the campaigns and Canvases that senders list."""

    listed: tuple[Listed, ...]
    campaigns: tuple[str, ...] = ()
    canvases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    match: str = ANY
    channels: tuple[str, ...] = ()
    tests: bool = False

    @property
    def everything(self) -> bool:
        """Whether no message was singled out."""
        return not (self.campaigns or self.canvases or self.tags)

    @cached_property
    def condition(self) -> Condition:
        """The events of the selected messages."""
        parts: list[Condition] = [] if self.everything else [AnyOf(tuple(self._picked()))]
        if self.channels:
            parts.append(In("channel", self.channels))
        if not self.tests:
            parts.append(Is("test", False))
        return AllOf(tuple(parts))

    def holds(self, one: Listed) -> bool:
        """Whether a campaign or Canvas that a sender lists is among the selected ones."""
        if (self.channels and one.channel not in self.channels) or (one.test and not self.tests):
            return False
        picked = one.key in (self.canvases if one.canvas else self.campaigns)
        return self.everything or picked or self._tagged(self._tags_of(one))

    def _picked(self) -> Iterable[Condition]:
        if self.campaigns:
            yield _called(False, self.campaigns)
        if self.canvases:
            yield _called(True, self.canvases)
        if self.tags and self.match == ALL:
            yield AllOf(tuple(self._carrying((tag,)) for tag in self.tags))
        elif self.tags:
            yield self._carrying(self.tags)

    def _carrying(self, tags: tuple[str, ...]) -> Condition:
        """The events that have one of the tags, by themselves or through their campaign or Canvas."""
        keys: dict[tuple[str, bool], set[str]] = {}
        for one in self.listed:
            if set(tags) & set(one.tags):
                keys.setdefault((one.source, one.canvas), set()).add(one.key)
        listed = (
            AllOf((Is("source", source), _called(canvas, tuple(sorted(found)))))
            for (source, canvas), found in sorted(keys.items())
        )
        return AnyOf((HasAny("tags", tags), *listed))

    def _tagged(self, tags: set[str]) -> bool:
        wanted = set(self.tags)
        return bool(wanted) and (wanted <= tags if self.match == ALL else bool(wanted & tags))

    def _tags_of(self, one: Listed) -> set[str]:
        """The tags it is listed with anywhere: a list of campaigns and a report may each name some."""
        same = (other for other in self.listed if other.place[:3] == one.place[:3])
        return {tag for other in same for tag in other.tags}


def _called(canvas: bool, keys: tuple[str, ...]) -> Condition:
    """The events of these Canvases, or of these campaigns; a Canvas's own messages are no campaign."""
    return In("canvas", keys) if canvas else AllOf((In("campaign", keys), Not(Present("canvas"))))


def selection(ask: Ask, values: Values) -> Selection:
    """The selection that these parameters stand for, as things are listed now."""
    return Selection(
        listed=listed(ask),
        campaigns=tuple(values.get("campaigns") or ()),
        canvases=tuple(values.get("canvases") or ()),
        tags=tuple(values.get("tags") or ()),
        match=values.get("match") or ANY,
        channels=tuple(values.get("channels") or ()),
        tests=bool(values.get("include_tests")),
    )
