"""The examples that Mastodon's documentation prints, as facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan_social_profiles.networks.facts import Profile
from bilan_social_profiles.networks.mastodon_items import (
    kind_of,
    picture_address,
    read_mention,
    read_status,
    replied_in,
)
from bilan_social_profiles.networks.texts import plain_text

GARGRON = Profile("mastodon", "@Gargron@mastodon.social", "1")
TRWNH = Profile("mastodon", "@trwnh@mastodon.social", "14715")

# https://docs.joinmastodon.org/entities/Status/#example, without what is said of the account. The page
# prints the end of the content wrongly ("</span}</p>"); it is "</span></a></p>" as in its other examples.
STATUS: dict[str, Any] = {
    "id": "103270115826048975",
    "created_at": "2019-12-08T03:48:33.901Z",
    "in_reply_to_id": None,
    "in_reply_to_account_id": None,
    "sensitive": False,
    "spoiler_text": "",
    "visibility": "public",
    "language": "en",
    "uri": "https://mastodon.social/users/Gargron/statuses/103270115826048975",
    "url": "https://mastodon.social/@Gargron/103270115826048975",
    "replies_count": 5,
    "reblogs_count": 6,
    "favourites_count": 11,
    "content": '<p>&quot;I lost my inheritance with one wrong digit on my sort code&quot;</p><p><a href="https://www'
    '.theguardian.com/money/2019/dec/07/i-lost-my-193000-inheritance-with-one-wrong-digit-on-my-sort-code" '
    'rel="nofollow noopener noreferrer" target="_blank"><span class="invisible">https://www.</span><span '
    'class="ellipsis">theguardian.com/money/2019/dec</span><span class="invisible">/07/i-lost-my-193000-'
    "inheritance-with-one-wrong-digit-on-my-sort-code</span></a></p>",
    "reblog": None,
    "account": {"id": "1", "username": "Gargron", "acct": "Gargron", "display_name": "Eugen"},
    "media_attachments": [],
    "mentions": [],
    "tags": [],
    "card": {
        "url": "https://www.theguardian.com/money/2019/dec/07/i-lost-my-193000-inheritance-with-one-wrong-digit-"
        "on-my-sort-code",
        "title": "‘I lost my £193,000 inheritance – with one wrong digit on my sort code’",
        "type": "link",
        "image": None,
    },
    "poll": None,
}

# https://docs.joinmastodon.org/methods/notifications/#get, the first of the two, as far as it is printed.
MENTION: dict[str, Any] = {
    "id": "34975861",
    "type": "mention",
    "created_at": "2019-11-23T07:49:02.064Z",
    "account": {"id": "971724", "username": "zsc", "acct": "zsc"},
    "status": {
        "id": "103186126728896492",
        "created_at": "2019-11-23T07:49:01.940Z",
        "in_reply_to_id": "103186038209478945",
        "in_reply_to_account_id": "14715",
        "content": '<p><span class="h-card"><a href="https://mastodon.social/@trwnh" class="u-url mention">@'
        "<span>trwnh</span></a></span> sup!</p>",
        "account": {"id": "971724", "username": "zsc", "acct": "zsc"},
        "mentions": [{"id": "14715", "username": "trwnh", "acct": "trwnh"}],
    },
}

# https://docs.joinmastodon.org/methods/accounts/#verify_credentials, the note.
NOTE = (
    "<p>i have approximate knowledge of many things. perpetual student. (nb/ace/they)</p>"
    "<p>xmpp/email: a@trwnh.com"
    '<br /><a href="https://trwnh.com" target="_blank" rel="nofollow noopener noreferrer">'
    '<span class="invisible">https://</span><span class="">trwnh.com</span>'
    '<span class="invisible"></span></a></p>'
)


def test_a_status_is_a_post_with_its_favourites_replies_and_boosts() -> None:
    assert read_status(STATUS, GARGRON, "").row == {
        "network": "mastodon",
        "profile": "@Gargron@mastodon.social",
        "profile_id": "1",
        "post": "103270115826048975",
        "undated": False,
        "published_at": datetime(2019, 12, 8, 3, 48, 33, 901000, UTC),
        "kind": "link",
        "text": '"I lost my inheritance with one wrong digit on my sort code"\n\n'
        "https://www.theguardian.com/money/2019/dec/07/"
        "i-lost-my-193000-inheritance-with-one-wrong-digit-on-my-sort-code",
        "url": "https://mastodon.social/@Gargron/103270115826048975",
        "reactions": 11,
        "comments": 5,
        "shares": 6,
        "engagement": 22,
        "hashtags": [],
        "picture": "",
    }


def test_a_mention_that_answers_a_post_of_the_account_is_a_comment_under_it() -> None:
    assert read_mention(MENTION, TRWNH, None).row == {
        "network": "mastodon",
        "profile": "@trwnh@mastodon.social",
        "profile_id": "14715",
        "item": "103186126728896492",
        "kind": "comment",
        "received_at": datetime(2019, 11, 23, 7, 49, 1, 940000, UTC),
        "replied_at": None,
        "author": "zsc",
        "text": "@trwnh sup!",
        "post": "103186038209478945",
        "url": "",
    }


def test_an_answer_is_the_first_status_of_the_account_below_the_mention() -> None:
    def answer(account: str, to: str, at: str) -> dict[str, Any]:
        return {"account": {"id": account}, "in_reply_to_id": to, "created_at": at}

    thread = {
        "descendants": [
            answer("971724", "103186126728896492", "2019-11-23T07:50:00Z"),
            answer("14715", "103186126728896492", "2019-11-23T08:49:01.940Z"),
            answer("14715", "103186126728896492", "2019-11-23T07:52:01.940Z"),
            answer("14715", "1", "2019-11-23T07:51:00Z"),
        ]
    }
    replied_at = replied_in(thread, "103186126728896492", "14715")
    assert replied_at == datetime(2019, 11, 23, 7, 52, 1, 940000, UTC)
    assert read_mention(MENTION, TRWNH, replied_at).row["response_seconds"] == 180


def test_a_text_keeps_its_lines_and_loses_its_markup() -> None:
    assert plain_text(NOTE) == (
        "i have approximate knowledge of many things. perpetual student. (nb/ace/they)\n\n"
        "xmpp/email: a@trwnh.com\nhttps://trwnh.com"
    )


@pytest.mark.parametrize(
    ("media", "kind", "picture"),
    [
        ([{"type": "image", "url": "https://f.example/a.jpg"}], "photo", "https://f.example/a.jpg"),
        ([{"type": "gifv", "preview_url": "https://f.example/s.png"}], "video", "https://f.example/s.png"),
        ([{"type": "video", "url": "https://f.example/a.mp4", "preview_url": None}], "video", ""),
        (
            [{"type": "image", "preview_url": "https://f.example/1.png"}, {"type": "image"}],
            "album", "https://f.example/1.png",
        ),
        ([{"type": "audio", "url": "https://f.example/a.mp3"}], "other", ""),
    ],
)  # fmt: skip
def test_what_is_attached_says_what_a_post_is(media: list[dict[str, Any]], kind: str, picture: str) -> None:
    status = {**STATUS, "media_attachments": media}
    assert (kind_of(status), picture_address(status)) == (kind, picture)
