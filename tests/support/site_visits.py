"""Visits of a web site: a plugin whose second table is derived from its first."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from bilan import sdk

_, C, T = sdk.messages("site")[0], sdk.Column, sdk.ColumnType


def visits(views: Sequence[sdk.Row], settings: Mapping[str, Any]) -> Iterator[sdk.Row]:
    """The views of one visitor, cut where none came for half an hour."""
    pause = timedelta(minutes=settings.get("pause", 30))
    visit: sdk.Row = {}
    for view in views:
        if visit and view["seen_at"] >= visit["left_at"]:
            yield visit
            visit = {}
        visit = visit or {"visit": view["view"], "came_at": view["seen_at"], "views": 0, "state": "over"}
        visit |= {"left_at": view["seen_at"] + pause, "views": visit["views"] + 1}
    if visit:
        yield visit


def view(given: sdk.JsonObject) -> sdk.Fact:
    """A view as the site posts it."""
    ident, visitor = sdk.read_text(given["id"]), sdk.read_text(given["who"])
    seen_at = sdk.read_instant(given["at"], UTC)
    return sdk.Fact("site.views", {"seen_at": seen_at, "view": ident, "visitor": visitor})


def posts() -> Iterator[sdk.Post]:
    """Four views by two visitors; the one that joins the first two comes last."""
    for who, minute in (("a", 0), ("a", 40), ("b", 5), ("a", 20)):
        at = f"2026-03-02T09:{minute:02}:00Z"
        yield sdk.Post(json.dumps({"id": f"{who}{minute}", "who": who, "at": at}).encode())


VISITOR = C("visitor", T.TEXT, _("Visitor"), personal=True)
VIEWS = sdk.Dataset(
    "site.views", _("Views"), _("Each view of a page."),
    (C("seen_at", T.INSTANT, _("Seen")), C("view", T.TEXT, _("View")), VISITOR),
    identity=("view",), time="seen_at", sort=("visitor", "seen_at"),
    contact="visitor",
)  # fmt: skip
VISITS = sdk.Dataset(
    "site.visits", _("Visits"), _("Views of one visitor without a long pause between them."),
    (
        C("came_at", T.INSTANT, _("Came")), C("visit", T.TEXT, _("Visit"), _("Its first view.")), VISITOR,
        C("views", T.INTEGER, _("Views")), C("left_at", T.INSTANT, _("Left"), nullable=True, due=True),
        C("state", T.TEXT, _("State"), dimension=True, due="left_at", until="under way"),
    ),
    identity=("visit",), time="came_at", sort=("came_at",), keep=sdk.Keep.LAST,
    derived=sdk.Derivation(VIEWS.key, ("visitor",), visits, settings=("pause",), columns=("seen_at", "view")),
    contact="visitor",
)  # fmt: skip
SEEN = sdk.Metric("site.seen", VIEWS.key, _("Views"), _("Pages seen."), sdk.Count(), _("all views"))
COUNT = sdk.Metric("site.count", VISITS.key, _("Visits"), _("How many began."), sdk.Count(), _("all visits"))
PAUSE = sdk.Parameter("pause", _("Minutes that end a visit"), sdk.ParameterKind.NUMBER, default=30)
SITE = sdk.SourceKind(
    "site", _("Web site"), _("Posts of a web site."), (sdk.SECRET, PAUSE),
    sdk.JsonWebhook(sdk.check_secret, view),
)  # fmt: skip
PLUGIN = sdk.Plugin(
    "site", "site", _("Web site"), "site_visits", datasets=(VIEWS, VISITS), metrics=(SEEN, COUNT),
    sources=(SITE,), samples=(sdk.Sample("site", "A site", _("Four invented views."), posts=posts),),
)  # fmt: skip
