"""Whose figures a part of a report shows, and how it asks for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from bilan.sdk import (
    AllOf,
    Answer,
    Building,
    Condition,
    Dataset,
    Interval,
    IntervalUnit,
    Is,
    Order,
    Question,
    ReportRequest,
    Table,
)
from bilan_social_profiles.reports.figures import METRIC
from bilan_social_profiles.reports.parameters import View, filters_of
from bilan_social_profiles.reports.words import NETWORKS
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

LISTED = 1_000
NOT_IN_NAMES = re.compile(r"[^\w.]+")
"""What stands in names of files and blocks as a dash."""
POINTS = 400
"""Points of a picture: a year, day by day."""
WHOLE = Interval(IntervalUnit.NONE)
COUNTED = {PROFILE_DAYS: "followers", POSTS: "posts", COMMUNITY: "received"}
"""What tells that a profile is known, by dataset."""


@dataclass(frozen=True)
class Scope:
    """The profiles that a part is about: all that were asked for, or one of them."""

    request: ReportRequest
    building: Building
    profile: tuple[str, str] | None = None
    """Network and profile, where it is about one."""
    slug: str = ""
    """What tells its blocks and files from those of other profiles."""

    @property
    def where(self) -> Condition | None:
        """What picks the one profile."""
        if self.profile is None:
            return None
        network, profile = self.profile
        return AllOf((Is("network", network), Is("profile", profile)))

    @property
    def view(self) -> View:
        """How the figures are put together; those of one profile are not broken down."""
        return View(self.request["view"])

    @property
    def breakdowns(self) -> tuple[tuple[str, ...], ...]:
        """The dimensions of the tables."""
        match self.view:
            case View.COMBINED:
                return (("network",), ("network", "profile"))
            case View.NETWORK:
                return (("network",),)
            case View.PROFILE:
                return (("network", "profile"),)
            case View.INDIVIDUAL:
                return ()

    @property
    def interval(self) -> Interval:
        """The interval to draw by: the one asked for, or months or quarters where points are too many."""
        for one in (self.request["interval"], Interval(IntervalUnit.MONTH)):
            if one.unit is IntervalUnit.NONE or len(one.buckets(self.building.span)) <= POINTS:
                return one
        return Interval(IntervalUnit.QUARTER)

    def goal(self, name: str) -> int | None:
        """What a figure of all profiles together should come to; one of them has none."""
        return self.request[f"goal_{name}"] if self.profile is None else None

    def tables(self, table: Callable[[Scope, tuple[str, ...]], Table]) -> Iterator[Table]:
        """The breakdowns; behind that by network the profiles are looked up rather than presented."""
        for number, by in enumerate(self.breakdowns):
            made = table(self, by)
            columns = (
                structs.replace(one, names=NETWORKS) if one.key == "network" else one for one in made.columns
            )
            yield structs.replace(made, columns=tuple(columns), detail=number > 0)

    def ask(
        self,
        dataset: Dataset,
        *names: str,
        interval: Interval = WHOLE,
        by: tuple[str, ...] = (),
        where: Condition | None = None,
        compare: bool = True,
    ) -> Answer:
        """Metrics of the dataset over the report's days, beside those of the comparison."""
        span = self.building.span
        parts = tuple(one for one in (self.where, where) if one is not None)
        question = Question(
            dataset.key, tuple(METRIC[name].key for name in names), span, interval, by,
            filters_of(self.request, dataset.key),
            where=AllOf(parts) if parts else None,
            compare=self.request.compare.of(span) if compare else None,
        )  # fmt: skip
        if by and interval == WHOLE:
            question = replace(question, order=(Order(question.metrics[0]),), limit=LISTED)
        return self.building(question)

    def profiles(self, *datasets: str) -> Iterator[Scope]:
        """A scope for each profile of which one of the datasets tells something in the report's days."""
        found = dict[tuple[str, str], None]()
        for dataset in datasets:
            question = Question(
                dataset, (METRIC[COUNTED[dataset]].key,), self.building.span, by=("network", "profile"),
                filters=filters_of(self.request, dataset), limit=LISTED, totals=False,
            )  # fmt: skip
            found |= {(row.keys[0], row.keys[1]): None for row in self.building(question).rows}
        taken = set[str]()
        for network, profile in sorted(found):
            plain = NOT_IN_NAMES.sub("-", f"{network}_{profile}")
            names = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
            slug = next(one for one in names if one not in taken)
            taken.add(slug)
            yield replace(self, profile=(network, profile), slug=slug)
