"""Which messages a report is about: picked one by one, by their tags, or all of them.

Picks and tags add up. An event has a tag when it carries the tag itself or
when its campaign or Canvas is listed with it; both count together. Nothing
is remembered between runs, so newly tagged messages join by themselves. See docs/decisions/020.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bilan.sdk import AllOf, AnyOf, Condition, HasAny, In, Is, Not, Present, QueryClient, Values
from bilan_email_campaigns.reports.campaign_records import CampaignKey, CampaignRecord, campaign_records

ANY, ALL = "any", "all"


@dataclass(frozen=True)
class Selection:
    """What was chosen, and the campaigns and Canvases that senders list."""

    campaign_records: tuple[CampaignRecord, ...]
    campaigns: tuple[str, ...] = ()
    canvases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    match: str = ANY
    channels: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tests: bool = False
    archived: bool = True

    @property
    def everything(self) -> bool:
        """Whether no message was singled out."""
        return not (self.campaigns or self.canvases or self.tags)

    @cached_property
    def condition(self) -> Condition:
        """The events of the selected messages."""
        return AllOf(tuple(self._conditions()))

    def holds(self, one: CampaignRecord) -> bool:
        """Whether a campaign or Canvas that a sender lists is among the selected ones."""
        mentions = self._mentions[one.campaign_key]
        if (self.channels and one.channel not in self.channels) or any(map(self._left_out, mentions)):
            return False
        if self.categories and not any(other.category in self.categories for other in mentions):
            return False
        picked = one.key in (self.canvases if one.canvas else self.campaigns)
        return self.everything or picked or self._tagged({tag for other in mentions for tag in other.tags})

    def _conditions(self) -> Iterable[Condition]:
        if not self.everything:
            yield AnyOf(tuple(self._picked()))
        if self.channels:
            yield In("channel", self.channels)
        if self.categories:
            campaign_records = self._called_where(lambda one: one.category in self.categories)
            yield AnyOf((In("category", self.categories), *campaign_records))
        if not self.tests:
            yield Is("test", False)
        if left_out := self._called_where(self._left_out):
            yield Not(AnyOf(left_out))

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
        campaign_records = self._called_where(lambda one: bool(set(tags) & set(one.tags)))
        return AnyOf((HasAny("tags", tags), *campaign_records))

    def _called_where(self, wanted: Callable[[CampaignRecord], bool]) -> tuple[Condition, ...]:
        """The events of what is listed somewhere in a certain way."""
        keys: dict[tuple[str, bool], set[str]] = {}
        for one in filter(wanted, self.campaign_records):
            keys.setdefault((one.source, one.canvas), set()).add(one.key)
        return tuple(
            AllOf((Is("source", source), _called(canvas, tuple(sorted(found)))))
            for (source, canvas), found in sorted(keys.items())
        )

    def _left_out(self, one: CampaignRecord) -> bool:
        return (one.test and not self.tests) or (one.archived and not self.archived)

    def _tagged(self, tags: set[str]) -> bool:
        wanted = set(self.tags)
        return bool(wanted) and (wanted <= tags if self.match == ALL else bool(wanted & tags))

    @cached_property
    def _mentions(self) -> Mapping[CampaignKey, list[CampaignRecord]]:
        """Everything that is said of one thing: a list of campaigns and a report may each know a part."""
        found: dict[CampaignKey, list[CampaignRecord]] = {}
        for one in self.campaign_records:
            found.setdefault(one.campaign_key, []).append(one)
        return found


def _called(canvas: bool, keys: tuple[str, ...]) -> Condition:
    """The events of these Canvases, or of these campaigns; a Canvas's own messages are no campaign."""
    return In("canvas", keys) if canvas else AllOf((In("campaign", keys), Not(Present("canvas"))))


def selection(client: QueryClient, values: Values) -> Selection:
    """The selection that these parameters stand for, as things are listed now."""
    return Selection(
        campaign_records=campaign_records(client),
        campaigns=tuple(values.get("campaigns") or ()),
        canvases=tuple(values.get("canvases") or ()),
        tags=tuple(values.get("tags") or ()),
        match=values.get("match") or ANY,
        channels=tuple(values.get("channels") or ()),
        categories=tuple(values.get("categories") or ()),
        archived=bool(values.get("include_archived", True)),
        tests=bool(values.get("include_tests")),
    )
