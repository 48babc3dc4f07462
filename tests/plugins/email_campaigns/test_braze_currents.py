"""Braze's events become the statistics that its engagement report lists, channel by channel."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bilan.sdk.conditions import matches
from bilan.sdk.datasets import Reject
from bilan.sdk.errors import Unauthenticated
from bilan.sdk.metrics import Count
from bilan.sdk.sources import ImportFile
from bilan_email_campaigns.metrics import METRICS
from bilan_email_campaigns.readers.braze_currents import BrazeCurrentsReader
from bilan_email_campaigns.webhooks.braze import Braze
from fixtures.email_campaigns import imported, request, rows

COUNTS = {m.key: m.formula for m in METRICS if isinstance(m.formula, Count)}
AT = 1_767_322_800
FLAT = {
    "id": "e1", "user_id": "u1", "external_user_id": "ext1", "time": AT, "email_address": "Ann@Example.com",
    "campaign_id": "c1", "campaign_name": "Spring", "message_variation_id": "v1", "dispatch_id": "d1",
}  # fmt: skip


def event(event_type: str, **more: Any) -> dict[str, Any]:
    return {**FLAT, "event_type": f"users.messages.{event_type}", **more}


def wrapped(event_type: str, **more: Any) -> dict[str, Any]:
    return {
        "event_type": f"users.messages.{event_type}",
        "id": "e1",
        "time": AT,
        "user": {"user_id": "u1", "external_user_id": "ext1"},
        "properties": {
            "email_address": "Ann@Example.com",
            "campaign_id": "c1",
            "campaign_name": "Spring",
            **more,
        },
    }


@pytest.mark.requirement("BZ-14", "BZ-15", "BZ-16", "BZ-17", "BZ-18", "BZ-19")
@pytest.mark.parametrize(
    ("event_type", "more", "counted"),
    [
        ("email.Send", {}, {"sends"}),
        ("email.Delivery", {}, {"delivered"}),
        ("email.Open", {}, {"opens", "human_opens"}),
        ("email.Open", {"machine_open": "true"}, {"opens", "machine_opens"}),
        ("email.Click", {"url": "https://example.com"}, {"clicks", "human_clicks"}),
        ("email.Click", {"is_suspected_bot_click": True}, {"clicks", "machine_clicks"}),
        ("email.Bounce", {}, {"bounces", "hard_bounces"}),
        ("email.SoftBounce", {}, {"bounces", "soft_bounces"}),
        ("email.MarkAsSpam", {}, {"spam_reports"}),
        ("email.Unsubscribe", {}, {"unsubscribes"}),
        ("email.Deferral", {}, set()),
        ("email.Abort", {}, set()),
        ("pushnotification.Send", {"platform": "ios"}, {"push_sends"}),
        ("pushnotification.Open", {"platform": "ios"}, {"push_opens", "push_body_clicks"}),
        ("pushnotification.Open", {"platform": "ios", "button_string": "yes"}, {"push_opens"}),
        ("pushnotification.InfluencedOpen", {"platform": "android"}, {"push_influenced_opens"}),
        ("pushnotification.Bounce", {"platform": "android"}, {"push_bounces"}),
        ("pushnotification.IosForeground", {"platform": "ios"}, set()),
        ("pushnotification.Send", {"platform": "web"}, {"web_push_sends"}),
        ("pushnotification.Open", {"platform": "web"}, {"web_push_opens", "web_push_body_clicks"}),
        ("pushnotification.Bounce", {"platform": "web"}, {"web_push_bounces"}),
        ("inappmessage.Impression", {}, {"in_app_impressions"}),
        ("inappmessage.Click", {}, {"in_app_clicks"}),
        ("inappmessage.Click", {"button_id": "0"}, {"in_app_button1_clicks"}),
        ("inappmessage.Click", {"button_id": "1"}, {"in_app_button2_clicks"}),
        ("webhook.Send", {}, {"webhook_sends"}),
        ("webhook.Failure", {}, {"webhook_errors"}),
        ("sms.Send", {}, {"sms_sends"}),
        ("sms.CarrierSend", {}, {"sms_carrier_sends"}),
        ("sms.Delivery", {}, {"sms_deliveries"}),
        ("sms.DeliveryFailure", {}, {"sms_delivery_failures"}),
        ("sms.Rejection", {}, {"sms_rejections"}),
        ("sms.InboundReceive", {}, set()),
        ("contentcard.Click", {}, set()),
    ],
)
def test_an_event_counts_in_its_statistics_and_in_no_other(
    event_type: str, more: dict[str, Any], counted: set[str]
) -> None:
    for post in (event(event_type, **more), {"events": [wrapped(event_type, **more)]}):
        [row] = rows(Braze(), request(post))
        row["repeat"] = False
        found = {key for key, formula in COUNTS.items() if formula.where and matches(formula.where, row)}
        assert found == {f"email.{name}" for name in counted}
        if not counted:
            assert row["kind"] in ("other", "deferred")


def test_a_wrapped_event_says_the_same_as_a_flat_one() -> None:
    [one] = rows(Braze(), request(event("email.Open")))
    [two] = rows(
        Braze(), request({"events": [wrapped("email.Open", message_variation_id="v1", dispatch_id="d1")]})
    )
    assert one == two
    assert one["occurred_at"] == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert (one["fact_id"], one["recipient"], one["campaign"]) == ("e1", "ann@example.com", "c1")
    assert (one["campaign_name"], one["variant"], one["message_id"]) == ("Spring", "v1", "d1")


def test_a_canvas_event_names_its_step_and_variation() -> None:
    post = event(
        "sms.Send",
        campaign_id=None,
        campaign_name=None,
        message_variation_id=None,
        canvas_id="k1",
        canvas_name="Welcome",
        canvas_step_id="s1",
        canvas_step_name="First",
        canvas_variation_id="kv",
        canvas_variation_name="B",
    )
    [row] = rows(Braze(), request(post))
    names = ("campaign", "canvas", "canvas_name", "step", "step_name", "variant", "variant_name", "recipient")
    assert [row[name] for name in names] == ["", "k1", "Welcome", "s1", "First", "kv", "B", "ext1"]


def test_what_is_no_message_keeps_its_name() -> None:
    [row] = rows(Braze(), request({**FLAT, "event_type": "users.campaigns.Conversion"}))
    assert (row["kind"], row["channel"], row["reason"]) == ("other", "", "users.campaigns.Conversion")


def test_a_post_holds_many_events_and_a_broken_one_stops_none() -> None:
    found = list(Braze().parse(request({"events": [wrapped("email.Open"), None, {"id": "x"}]}), {}))
    assert [each.number for each in found if isinstance(each, Reject)] == [2, 3]
    assert len(found) == 3


def test_braze_proves_itself_with_a_bearer_token() -> None:
    Braze().verify(request(b"{}", headers={"authorization": "Bearer t"}), {"secret": "t"})
    with pytest.raises(Unauthenticated):
        Braze().verify(request(b"{}"), {"secret": "t"})


def write_lines(path: Path, events: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in events))


def write_csv(path: Path, events: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for each in events for key in each)))
        writer.writeheader()
        writer.writerows(events)


def write_parquet(path: Path, events: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(events), path)


@pytest.mark.parametrize(
    ("name", "write"), [("a.json", write_lines), ("a.csv", write_csv), ("a.parquet", write_parquet)]
)
def test_a_file_gives_the_same_events_in_every_format(tmp_path: Path, name: str, write: Any) -> None:
    events = [event("email.Send", id="1"), event("email.Open", id="2"), event("sms.Delivery", id="3")]
    path = tmp_path / name
    write(path, events)

    facts, rejects = imported(BrazeCurrentsReader(), path)

    assert rejects == []
    assert [fact.row for fact in facts] == [row for each in events for row in rows(Braze(), request(each))]
    assert BrazeCurrentsReader().recognises(ImportFile(path, name)) > 0.9


def test_a_stored_files_name_says_what_its_events_are(tmp_path: Path) -> None:
    path = tmp_path / "part.json"
    write_lines(path, [FLAT])
    file = ImportFile(path, "event_type=users.messages.email.Click/date=2026-01-02/part.json")
    [fact] = BrazeCurrentsReader().read(file, {}, None)
    assert not isinstance(fact, Reject)
    assert fact.row["kind"] == "clicked"


def test_a_file_may_hold_posts_over_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_text(json.dumps({"events": [wrapped("email.Open"), 3]}, indent=2))
    facts, rejects = imported(BrazeCurrentsReader(), path)
    assert (len(facts), [each.number for each in rejects]) == (1, [2])
