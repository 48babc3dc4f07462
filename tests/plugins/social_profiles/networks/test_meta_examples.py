"""The examples that Meta's documentation prints, read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bilan.sdk import (
    BilanError,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    messages,
)
from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.meta.days import day_of, moments
from bilan_social_profiles.networks.meta.facebook import day_values, read_comment, read_post
from bilan_social_profiles.networks.meta.graph import UnknownMetric, next_page, plain, seconds_to_regain, used
from bilan_social_profiles.networks.meta.instagram import account_day, follows_of, read_media
from bilan_social_profiles.networks.meta.metrics import PAGE_DAY, values_of
from bilan_social_profiles.networks.meta.tokens import read_token

_ = messages("test")[0]
PAGE = Profile("facebook", "Lagom", "1755847768034402")
ACCOUNT = Profile("instagram", "@bluebottle", "17841405822304914")

# https://developers.facebook.com/documentation/pages-api/platforminsights/page, "Get a Single Metric",
# without the values of 28 days, titles and descriptions.
PAGE_INSIGHTS: dict[str, Any] = {
    "data": [
        {
            "name": "page_impressions_unique",
            "period": "day",
            "values": [
                {"value": 66226, "end_time": "2020-03-10T07:00:00+0000"},
                {"value": 78037, "end_time": "2020-03-11T07:00:00+0000"},
            ],
        },
        {
            "name": "page_impressions_unique",
            "period": "week",
            "values": [
                {"value": 202229, "end_time": "2020-03-10T07:00:00+0000"},
                {"value": 206982, "end_time": "2020-03-11T07:00:00+0000"},
            ],
        },
    ],
    "paging": {
        "previous": "https://graph.facebook.com/{page-id}/insights?access_token={page-access-token}&pretty=0&metric="
        "page_impressions_unique&since=1583568000&until=1583737200",
        "next": "https://graph.facebook.com/{page-id}/insights?access_token={page-access-token}&pretty=0&metric="
        "page_impressions_unique&since=1583910000&until=1584082800",
    },
}
# The same page, "Get Metrics of a Page Post".
POST_INSIGHTS: dict[str, Any] = {
    "data": [
        {"name": "post_reactions_like_total", "period": "lifetime", "values": [{"value": 226}]},
        {"name": "post_reactions_love_total", "period": "lifetime", "values": [{"value": 17}]},
        {"name": "post_reactions_wow_total", "period": "lifetime", "values": [{"value": 1}]},
    ]
}
# Its address is https://developers.facebook.com/documentation/instagram-platform/api-reference/
# instagram-user/insights: "Examples".
ACCOUNT_INSIGHTS: dict[str, Any] = {
    "data": [
        {
            "name": "reach",
            "period": "day",
            "title": "Accounts reached",
            "total_value": {
                "value": 224,
                "breakdowns": [
                    {
                        "dimension_keys": ["media_product_type"],
                        "results": [
                            {"dimension_values": ["CAROUSEL_CONTAINER"], "value": 100},
                            {"dimension_values": ["POST"], "value": 124},
                        ],
                    }
                ],
            },
            "id": "17841405309211844/insights/reach/day",
        }
    ],
    "paging": {"previous": "https://graph.face...", "next": "https://graph.face..."},
}


@dataclass
class Answer:
    """An answer of the Graph API, as the core's client hands it over with an error."""

    body: Any
    status: int = 400
    headers: dict[str, str] = field(default_factory=dict[str, str])
    links: dict[str, str] = field(default_factory=dict[str, str])
    url: str = "https://graph.facebook.com/"
    content: bytes = b""

    def json(self) -> Any:
        return self.body


def refused(**told: Any) -> BilanError:
    error = Invalid(_("400"))
    error.reply = Answer({"error": told})
    return plain(error)


def test_figures_of_a_page_are_of_the_day_before_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGE_DAY, "page_impressions_unique", "reach")
    ((column, values),) = day_values(PAGE_INSIGHTS)
    assert column == "reach"
    assert [(day_of(one["end_time"]), one["value"]) for one in values] == [
        (date(2020, 3, 9), 66226),
        (date(2020, 3, 10), 78037),
    ]


def test_a_day_ends_at_midnight_pacific_time_in_winter_and_in_summer() -> None:
    # The guide to pages: since January 1, 2018 gives an end_time of January 2, 2018 at 8:00 GMT.
    assert day_of("2018-01-02T08:00:00+0000") == date(2018, 1, 1)
    assert day_of("2022-08-01T07:00:00+0000") == date(2022, 7, 31)
    # The example for Instagram asks for what is since the second 1658991600.
    assert moments(date(2022, 7, 28)) == (1658991600, 1658991600 + 86399)


def test_figures_of_a_post_are_its_last_values() -> None:
    assert values_of(POST_INSIGHTS) == {
        "post_reactions_like_total": 226,
        "post_reactions_love_total": 17,
        "post_reactions_wow_total": 1,
    }


def test_figures_of_an_accounts_day_are_totals() -> None:
    assert account_day(ACCOUNT_INSIGHTS) == {"reach": 224}


def test_who_followed_and_who_left_are_told_apart() -> None:
    results = [
        {"dimension_values": ["FOLLOWER"], "value": 12},
        {"dimension_values": ["NON_FOLLOWER"], "value": 5},
    ]
    breakdowns = [{"dimension_keys": ["follow_type"], "results": results}]
    body = {"data": [{"name": "follows_and_unfollows", "total_value": {"breakdowns": breakdowns}}]}
    assert follows_of(body) == {"followers_gained": 12, "followers_lost": 5}


def test_the_next_page_is_asked_for_by_its_cursor_and_without_the_token() -> None:
    # https://developers.facebook.com/docs/graph-api/results, "Cursor-based Pagination".
    paging = {
        "cursors": {"after": "MTAxNTExOTQ1MjAwNzI5NDE=", "before": "NDMyNzQyODI3OTQw"},
        "previous": "https://graph.facebook.com/{your-user-id}/albums?limit=25&before=NDMyNzQyODI3OTQw",
        "next": "https://graph.facebook.com/{your-user-id}/albums?limit=25&after=MTAxNTExOTQ1MjAwNzI5NDE=",
    }
    assert next_page({"data": [], "paging": paging}) == {"after": "MTAxNTExOTQ1MjAwNzI5NDE="}
    assert next_page({"data": [], "paging": {"cursors": paging["cursors"]}}) is None
    # "Time-based Pagination" on the same page.
    timed = "https://graph.facebook.com/{your-user-id}/feed?limit=25&until=1364587774&access_token=EAAO"
    assert next_page({"data": [], "paging": {"next": timed}}) == {"until": "1364587774"}


def test_what_is_used_of_the_limits_is_the_most_of_all() -> None:
    # https://developers.facebook.com/docs/graph-api/overview/rate-limiting, "Headers" of both kinds.
    app = json.dumps({"call_count": 28, "total_time": 25, "total_cputime": 25})
    usage = {
        "type": "pages",
        "call_count": 100,
        "total_cputime": 25,
        "total_time": 25,
        "estimated_time_to_regain_access": 19,
    }
    business = json.dumps({"66782684": [usage]})
    assert used({"x-app-usage": app}) == 28
    assert used({"x-app-usage": app, "x-business-use-case-usage": business}) == 100
    assert used({}) == 0
    assert seconds_to_regain({"x-business-use-case-usage": business}) == 19 * 60
    assert seconds_to_regain({"x-app-usage": app}) == 3600


def test_the_error_of_the_guide_says_that_the_password_was_changed() -> None:
    # https://developers.facebook.com/docs/graph-api/guides/error-handling, "Error Responses".
    error = refused(
        message="Message describing the error", type="OAuthException", code=190, error_subcode=460,
        error_user_title="A title", error_user_msg="A message", fbtrace_id="EJplcsCHuLu",
    )  # fmt: skip
    assert isinstance(error, Unauthenticated)
    assert str(error) == "The password of who made the access token was changed. Connect again."


@pytest.mark.parametrize(
    ("code", "subcode", "message", "kind"),
    [
        (190, 463, "Error validating access token", Unauthenticated),
        (102, None, "Session has expired", Unauthenticated),
        (4, None, "Application request limit reached", RateLimited),
        (32, None, "Page request limit reached", RateLimited),
        (80001, None, "There have been too many calls to this Page account.", RateLimited),
        (2, None, "Service temporarily unavailable", Unavailable),
        (10, None, "Application does not have permission for this action", Forbidden),
        (200, None, "Requires pages_read_user_content permission", Forbidden),
        (100, 33, "Object with ID '1' does not exist", NotFound),
        (100, None, "(#100) The value must be a valid insights metric", UnknownMetric),
        (100, None, "(#100) Tried accessing nonexisting field", Invalid),
    ],
)
def test_a_code_says_what_kind_of_error_it_is(
    code: int, subcode: int | None, message: str, kind: type[BilanError]
) -> None:
    assert type(refused(code=code, error_subcode=subcode, message=message)) is kind


def test_a_token_ends_when_it_expires_or_sees_no_more_data() -> None:
    # https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow, of debug_token.
    data = {
        "app_id": 138483919580948,
        "type": "USER",
        "application": "Social Cafe",
        "expires_at": 1352419328,
        "is_valid": True,
        "issued_at": 1347235328,
        "metadata": {"sso": "iphone-safari"},
        "scopes": ["email", "publish_actions"],
        "user_id": "1207059",
    }
    assert read_token(data).ends_at == datetime(2012, 11, 9, 0, 2, 8, tzinfo=UTC)
    assert read_token({**data, "data_access_expires_at": 1352419000}).ends_at == datetime(
        2012, 11, 8, 23, 56, 40, tzinfo=UTC
    )
    assert read_token({**data, "expires_at": 0}).ends_at is None
    assert [
        str(one)
        for one in read_token({**data, "scopes": ["pages_read_engagement", "read_insights"]}).missing(
            "facebook"
        )
    ] == ["The right “pages_read_user_content” is missing (comments)."]


def test_a_post_of_a_page_has_its_interactions_beside_its_insights() -> None:
    post = {
        "id": "1755847768034402_1755980000000001",
        "created_time": "2019-04-05T07:56:32+0000",
        "message": "New in our shop #Lagom",
        "permalink_url": "https://www.facebook.com/1755847768034402/posts/1755980000000001",
        "attachments": {"data": [{"media_type": "photo", "type": "photo"}]},
        "shares": {"count": 3},
        "reactions": {"data": [], "summary": {"total_count": 244}},
        "comments": {"data": [], "summary": {"total_count": 9}},
        "insights": {
            "data": [
                {"name": "post_media_view", "period": "lifetime", "values": [{"value": 5120}]},
                {"name": "post_total_media_view_unique", "period": "lifetime", "values": [{"value": 3900}]},
                {"name": "post_clicks", "period": "lifetime", "values": [{"value": 88}]},
            ]
        },
    }
    assert read_post(post, PAGE, "").row == {
        "network": "facebook",
        "profile": "Lagom",
        "profile_id": "1755847768034402",
        "post": "1755847768034402_1755980000000001",
        "undated": False,
        "published_at": datetime(2019, 4, 5, 7, 56, 32, tzinfo=UTC),
        "kind": "photo",
        "text": "New in our shop #Lagom",
        "url": "https://www.facebook.com/1755847768034402/posts/1755980000000001",
        "reactions": 244,
        "comments": 9,
        "shares": 3,
        "engagement": 256,
        "impressions": 5120,
        "reach": 3900,
        "clicks": 88,
        "video_views": None,
        "hashtags": ["lagom"],
        "picture": "",
    }


def test_a_comment_is_answered_by_the_page_alone() -> None:
    answers = [
        {"created_time": "2019-04-05T08:00:00+0000", "from": {"id": "7", "name": "Somebody"}},
        {"created_time": "2019-04-05T09:56:32+0000", "from": {"id": "1755847768034402", "name": "Lagom"}},
    ]
    comment = {
        "id": "1755980000000001_1",
        "created_time": "2019-04-05T07:56:32+0000",
        "message": "How much?",
        "is_hidden": False,
        "comments": {"data": answers},
    }
    row = read_comment(comment, PAGE, "1755847768034402_1755980000000001").row
    assert (row["kind"], row["hidden"], row["response_seconds"]) == ("comment", False, 7200)


def test_a_story_counts_what_it_tells_and_leaves_the_rest_empty() -> None:
    story = {
        "id": "17895695668004550",
        "media_type": "IMAGE",
        "media_product_type": "STORY",
        "timestamp": "2019-04-05T07:56:32+0000",
    }
    row = read_media(
        story, ACCOUNT, "", {"impressions": 120, "reach": None, "comments": 2, "engagement": 4}
    ).row
    assert (row["kind"], row["impressions"], row["comments"], row["engagement"]) == ("story", 120, 2, 4)
    assert row["reactions"] is None
    assert "reach" not in row
