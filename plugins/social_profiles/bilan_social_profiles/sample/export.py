"""The simulated profiles as a scheduling tool would export them: a file each, with a table a dataset."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bilan.sdk import ImportFile
from bilan_social_profiles.network_names import network_name
from bilan_social_profiles.sample.brands import SimulatedProfile
from bilan_social_profiles.sample.pictures import draw_pictures

POST_FIGURES = {
    "Total impressions": "impressions", "Organic impressions": "organic",
    "Paid impressions": "paid_impressions", "Total reach": "reach", "Likes": "reactions",
    "Comments": "comments", "Shares": "shares", "Saves": "saves", "Clicks": "clicks",
    "Link clicks": "link_clicks", "Video views": "video_views",
}  # fmt: skip
POST_HEADER = ("Date (UTC)", "Post ID", "Type", "Content", "Url", "Picture", "Labels", "Created by", "Paid",
               *POST_FIGURES)  # fmt: skip
DAY_FIGURES = {
    "Followers": "followers", "New followers": "gained", "Lost followers": "lost",
    "Impressions": "impressions",
    "Reach": "reach", "Engagement": "engagement", "Video views": "video_views", "Profile visits": "visits",
    "Clicks": "clicks",
}  # fmt: skip
ITEM_HEADER = (
    "Received at",
    "Item ID",
    "Type",
    "From",
    "Message",
    "Replied at",
    "Reviewed at",
    "Hidden",
    "Rating",
)


def profile_file(profile: SimulatedProfile, folder: Path, now: datetime) -> ImportFile:
    """The export of a profile up to now, with the pictures of its posts."""
    name = f"{profile.brand.handle}_{profile.network.name}"
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        title = f"{network_name(profile.network.name)} – {profile.brand.name}"
        for header, rows in _tables(profile, now):
            _write(file, title, header, rows)
    return ImportFile(path, path.name, draw_pictures(profile, folder))


def _tables(
    profile: SimulatedProfile, now: datetime
) -> Iterator[tuple[Sequence[str], Iterator[Sequence[object]]]]:
    yield ITEM_HEADER, _items(profile, now)
    yield POST_HEADER, _posts(profile, now)
    yield ("Day", *DAY_FIGURES), _days(profile, now)


def _write(file: TextIO, title: str, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    writer = csv.writer(file)
    writer.writerow([title])
    writer.writerow(header)
    writer.writerows(rows)


def _posts(profile: SimulatedProfile, now: datetime) -> Iterator[Sequence[object]]:
    for one in profile.posts(now):
        address = f"https://{profile.network.name}.example/{profile.brand.handle}/{one.ident}"
        picture = "" if one.picture is None else f"{profile.brand.handle}-{one.picture}.jpg"
        figures = (one.figures.get(name, "") for name in POST_FIGURES.values())
        yield (_written(one.at), one.ident, one.kind, one.text, address, picture, one.labels, one.author,
               "yes" if one.paid else "no", *figures)  # fmt: skip


def _days(profile: SimulatedProfile, now: datetime) -> Iterator[Sequence[object]]:
    for one in profile.days(now.date()):
        yield one.day.isoformat(), *(one.figures.get(name, "") for name in DAY_FIGURES.values())


def _items(profile: SimulatedProfile, now: datetime) -> Iterator[Sequence[object]]:
    for one in profile.items(now):
        yield (_written(one.at), one.ident, one.kind, one.author, one.text, _written(one.replied_at),
               _written(one.reviewed_at), "yes" if one.hidden else "no", one.rating or "")  # fmt: skip


def _written(at: datetime | None) -> str:
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M:%SZ")
