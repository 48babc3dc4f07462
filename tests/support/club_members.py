"""Members of a club's shops: a level that is told now and then, on days of the shops' own."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from bilan import sdk

_, C, T = sdk.messages("club")[0], sdk.Column, sdk.ColumnType


def day(given: sdk.JsonObject) -> sdk.Fact:
    """A shop's day, as its till posts it in the evening."""
    at = sdk.read_instant(given["day"], UTC)
    row = {"day": at and at.date(), "shop": sdk.read_text(given["shop"])}
    counts = {name: sdk.read_count(given.get(name)) for name in ("members", "joined", "left", "visits")}
    return sdk.Fact("club.days", {**row, **counts})


def posts() -> Iterator[sdk.Post]:
    """Two shops: one counts its members each Monday, the other opened in March and counted once."""
    for shop, on, members, joined in (
        ("Lille", "2026-02-23", 100, 4), ("Lille", "2026-03-02", 110, 12), ("Lille", "2026-03-09", None, 1),
        ("Metz", "2026-03-05", 20, 20),
    ):  # fmt: skip
        told = {"shop": shop, "day": on, "members": members, "joined": joined, "left": 2, "visits": 50}
        yield sdk.Post(json.dumps(told).encode())


DAYS = sdk.Dataset(
    "club.days", _("Days of shops"), _("What each shop tells of a day."),
    (
        C("day", T.DATE, _("Day")), C("shop", T.TEXT, _("Shop"), dimension=True),
        C("members", T.INTEGER, _("Members"), nullable=True),
        C("joined", T.INTEGER, _("Joined"), nullable=True), C("left", T.INTEGER, _("Left"), nullable=True),
        C("visits", T.INTEGER, _("Visits"), nullable=True),
    ),
    identity=("shop", "day"), time="day", sort=("day",), keep=sdk.Keep.LAST,
)  # fmt: skip


def metric(key: str, label: sdk.Message, formula: Any, unit: sdk.Unit = sdk.Unit.COUNT) -> sdk.Metric:
    """A metric over the shops' days, described by its label alone."""
    return sdk.Metric(f"club.{key}", DAYS.key, label, label, formula, label, unit)


METRICS = (
    metric("members", _("Members at the end"), sdk.Latest("members", per=("shop",))),
    metric("growth", _("Change of members"), sdk.Change("club.members")),
    metric("joined", _("Members who joined"), sdk.Sum("joined")),
    metric("left", _("Members who left"), sdk.Sum("left")),
    metric("net", _("Joined less left"), sdk.Difference("club.joined", "club.left")),
    metric("moves", _("Joined and left"), sdk.Total(("club.joined", "club.left"))),
    metric("visits", _("Visits of members"), sdk.Sum("visits")),
    metric("each", _("Visits a member"), sdk.Ratio("club.visits", "club.members"), sdk.Unit.NUMBER),
)
TILL = sdk.SourceKind(
    "till", _("Till"), _("Posts of tills."), (sdk.SECRET,), sdk.JsonWebhook(sdk.check_secret, day)
)
PLUGIN = sdk.Plugin(
    "club", "club", _("Club"), "club_members", datasets=(DAYS,), metrics=METRICS, sources=(TILL,),
    samples=(sdk.Sample("till", "Tills", _("Two invented shops."), posts=posts),),
)  # fmt: skip
