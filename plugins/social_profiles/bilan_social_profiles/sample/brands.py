"""Two brands on four networks, simulated: nothing of them is of a real company.

Each day is drawn by its date, so that a day is the same whenever one looks.
What lies ahead of the present moment has not happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from random import Random

from bilan_social_profiles.sample.words import COMMENTS, NAMES, THEMES, Theme

DAYS = 426
"""Fourteen months."""
EPOCH = date(2024, 1, 1)
SETTLED_DAYS = 4.0
"""After so many days a post has two thirds of what it will ever reach."""
HOURS = (8, 9, 11, 12, 12, 13, 17, 18, 18, 18, 19, 20)
BEST = {12: 1.3, 18: 1.6, 19: 1.4}
"""Hours in which posts are seen more, in UTC."""
WEEKDAYS = (0.9, 1.15, 1.2, 1.1, 0.95, 0.7, 0.75)
"""How much is posted and seen from Monday on."""
WORKDAYS = range(5)


@dataclass(frozen=True)
class Network:
    """What a network does to a post, and which figures it tells."""

    name: str
    kinds: tuple[str, ...]
    posts_a_week: float
    seen: float
    """The part of the followers that sees a post."""
    engaged: float
    """The part of those who see it that reacts."""
    lacks: frozenset[str] = frozenset()


NETWORKS = (
    Network("facebook", ("photo", "photo", "link", "video", "text", "album"), 3.2, 0.14, 0.035,
            frozenset({"saves"})),
    Network("instagram", ("photo", "reel", "album", "photo", "story"), 3.8, 0.28, 0.055,
            frozenset({"clicks", "link_clicks", "gained", "lost"})),
    Network("linkedin", ("text", "document", "photo", "link", "poll"), 2.0, 0.22, 0.03,
            frozenset({"saves", "video_views", "lost", "visits"})),
    Network("youtube", ("video", "reel"), 0.8, 0.5, 0.05,
            frozenset({"impressions", "reach", "clicks", "link_clicks", "visits"})),
)  # fmt: skip


@dataclass(frozen=True)
class SimulatedBrand:
    """A brand: its followers on each network at the epoch, how they grow in a year, and what it speaks of."""

    name: str
    handle: str
    language: str
    followers: Mapping[str, int]
    growth: float
    color: int
    """The hue of its pictures, in degrees."""


BRANDS = (
    SimulatedBrand("Maison Ombelle", "maisonombelle", "fr",
          {"facebook": 18_400, "instagram": 31_200, "linkedin": 4_300, "youtube": 2_900}, 0.22, 24),
    SimulatedBrand("Tidewell Tea", "tidewelltea", "en",
          {"facebook": 9_700, "instagram": 14_800, "linkedin": 2_100, "youtube": 6_400}, 0.35, 162),
)  # fmt: skip


@dataclass(frozen=True)
class SimulatedPost:
    """A post with what it has reached so far; figures that its network does not tell are left out."""

    at: datetime
    ident: str
    kind: str
    text: str
    labels: str
    author: str
    picture: int | None
    paid: bool
    figures: Mapping[str, int]


@dataclass(frozen=True)
class Day:
    """A profile's day."""

    day: date
    figures: Mapping[str, int]


@dataclass(frozen=True)
class Item:
    """Something that somebody wrote."""

    at: datetime
    ident: str
    kind: str
    author: str
    text: str
    replied_at: datetime | None
    reviewed_at: datetime | None
    hidden: bool
    rating: int | None


@dataclass(frozen=True)
class SimulatedProfile:
    """A brand on a network."""

    brand: SimulatedBrand
    network: Network

    def draw(self, day: date, what: str) -> Random:
        """What chance gives on a day."""
        return Random(f"{self.brand.handle} {self.network.name} {day} {what}")  # noqa: S311 - no secret

    def followers(self, day: date) -> int:
        """How many followed it when the day ended."""
        grown = exp(self.brand.growth * (day - EPOCH).days / 365)
        noise = 1 + self.draw(day, "followers").uniform(-0.0004, 0.0004)
        return round(self.brand.followers[self.network.name] * grown * noise)

    def days(self, today: date) -> Iterator[Day]:
        """Its days up to yesterday."""
        for back in range(DAYS, 0, -1):
            day = today - timedelta(days=back)
            yield Day(day, self._day(day))

    def _day(self, day: date) -> Mapping[str, int]:
        random, followers = self.draw(day, "day"), self.followers(day)
        lost = round(followers * random.uniform(0.0002, 0.0008))
        shown = followers * self.network.seen * WEEKDAYS[day.weekday()] * random.uniform(0.6, 1.5)
        net = followers - self.followers(day - timedelta(days=1))
        return self._told({
            "followers": followers,
            "gained": max(net + lost, 0),
            "lost": max(lost, -net),
            "impressions": round(shown * 1.4),
            "reach": round(shown),
            "engagement": round(shown * self.network.engaged * random.uniform(0.8, 1.2)),
            "video_views": round(shown * 0.3),
            "visits": round(shown * 0.05),
            "clicks": round(shown * 0.02),
        })  # fmt: skip

    def posts(self, now: datetime) -> Iterator[SimulatedPost]:
        """Its posts up to now."""
        for back in range(DAYS, -1, -1):
            day = now.date() - timedelta(days=back)
            random = self.draw(day, "posts")
            wanted = self.network.posts_a_week / 7 * WEEKDAYS[day.weekday()]
            for number in range(int(wanted) + (random.random() < wanted % 1)):
                post = self._post(day, number, random, now)
                if post.at <= now:
                    yield post

    def _post(self, day: date, number: int, random: Random, now: datetime) -> SimulatedPost:
        theme: Theme = random.choice(THEMES[self.brand.handle])
        kind, hour = random.choice(self.network.kinds), random.choice(HOURS)
        at = datetime.combine(day, time(hour, random.randrange(60)), UTC)
        paid = self.network.name != "youtube" and random.random() < 0.12
        text = random.choice(theme.texts)
        shown = (
            self.followers(day)
            * self.network.seen
            * theme.liked
            * BEST.get(hour, 1)
            * random.lognormvariate(0, 0.5)
        )
        grown = 1 - exp(-max((now - at).total_seconds(), 0) / 86_400 / SETTLED_DAYS)
        has_picture = kind in ("photo", "album", "video", "reel")
        return SimulatedPost(
            at,
            f"{self.brand.handle}-{day:%Y%m%d}-{number + 1}",
            kind,
            text,
            theme.label,
            random.choice(NAMES[:4]),
            random.randrange(PICTURES) if has_picture else None,
            paid,
            self._told(_figures(random, shown * grown, self.network, kind, paid)),
        )

    def items(self, now: datetime) -> Iterator[Item]:
        """What people wrote to it up to now."""
        for back in range(DAYS, -1, -1):
            day = now.date() - timedelta(days=back)
            random = self.draw(day, "items")
            for number in range(
                random.choice((0, 0, 1, 1, 2)) if self.network.name != "youtube" else random.choice((0, 0, 1))
            ):
                item = self._item(day, number, random, now)
                if item.at <= now:
                    yield item

    def _item(self, day: date, number: int, random: Random, now: datetime) -> Item:
        at = datetime.combine(day, time(random.randrange(6, 23), random.randrange(60)), UTC)
        kinds = ("comment", "comment", "message", "mention", "review")
        kind = random.choice(kinds if self.network.name == "facebook" else kinds[:4])
        waited = timedelta(minutes=random.lognormvariate(4.2 if day.weekday() in WORKDAYS else 5.4, 0.9))
        answered = random.random() < 0.78 and kind != "mention"
        replied_at = at + waited if answered and at + waited <= now else None
        looked = at + waited * 0.8
        return Item(
            at,
            f"{self.network.name}-{day:%Y%m%d}-{number + 1}",
            kind,
            random.choice(NAMES),
            random.choice(COMMENTS[self.brand.language]),
            replied_at,
            looked if (answered or random.random() < 0.7) and looked <= now else None,
            kind == "comment" and random.random() < 0.03,
            random.choice((3, 4, 4, 5, 5, 5)) if kind == "review" else None,
        )

    def _told(self, figures: Mapping[str, int]) -> Mapping[str, int]:
        return {name: figure for name, figure in figures.items() if name not in self.network.lacks}


PICTURES = 8
"""So many pictures a profile has."""


def _figures(random: Random, shown: float, network: Network, kind: str, paid: bool) -> Mapping[str, int]:
    reach = round(shown)
    bought = round(shown * random.uniform(1.5, 4)) if paid else 0
    engaged = (reach + bought * 0.3) * network.engaged * random.uniform(0.7, 1.3)
    moving = kind in ("video", "reel", "story")
    return {
        "impressions": round(reach * 1.3) + bought,
        "organic": round(reach * 1.3),
        "paid_impressions": bought,
        "reach": reach + round(bought * 0.8),
        "reactions": round(engaged * 0.78),
        "comments": round(engaged * 0.11),
        "shares": round(engaged * 0.07),
        "saves": round(engaged * 0.04),
        "clicks": round(engaged * 0.5),
        "link_clicks": round(engaged * 0.2) if kind == "link" else 0,
        **({"video_views": round(reach * 0.6)} if moving else {}),
    }


PROFILES = tuple(SimulatedProfile(brand, network) for brand in BRANDS for network in NETWORKS)
