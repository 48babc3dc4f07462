"""Posts that are batches, broken, repeated or incomplete."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.ingest.batch import Batch
from bilan.ingest.normalise import Normalisers
from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.errors import Invalid
from bilan.sdk.sources import Webhook
from bilan_email_campaigns.datasets import DATASETS
from bilan_email_campaigns.webhooks.braze import Braze
from bilan_email_campaigns.webhooks.brevo import Brevo
from bilan_email_campaigns.webhooks.mailgun import Mailgun
from bilan_email_campaigns.webhooks.postmark import Postmark
from bilan_email_campaigns.webhooks.sendgrid import SendGrid
from fixtures.email_campaigns import Case, cases, parsed, request, rows

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = UUID(int=7)
SERVICES = [SendGrid(), Postmark(), Mailgun(), Brevo()]
FIELDS = sorted(
    {
        key
        for case in cases("sendgrid", "postmark", "brevo")
        for item in (case.payload if isinstance(case.payload, list) else [case.payload])
        for key in item
    }
)


def sample(service: str, file: str) -> Case:
    return next(case for case in cases(service) if case.file == file)


@pytest.mark.parametrize("webhook", SERVICES, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("body", [b"", b"not json", b"\xff\xfe", b"3", b'"text"', b"null", b"[" * 100_000])
def test_a_body_without_events_is_refused_as_a_whole(webhook: Webhook, body: bytes) -> None:
    with pytest.raises(Invalid):
        parsed(webhook, request(body))


def test_an_empty_batch_holds_nothing() -> None:
    assert parsed(SendGrid(), request([])) == []


def test_what_is_no_event_becomes_a_reject_with_its_number() -> None:
    [event] = sample("sendgrid", "open_event.json").payload
    batch = [
        event,
        None,
        {"email": "a@example.com"},
        {**event, "timestamp": "soon"},
        {**event, "sg_event_id": "c"},
    ]

    found = parsed(SendGrid(), request(batch))

    assert [each.row["fact_id"] for each in found if isinstance(each, Fact)] == [event["sg_event_id"], "c"]
    rejects = [each for each in found if isinstance(each, Reject)]
    assert [(each.number, str(each.reason)) for each in rejects] == [
        (2, "This item is no object."),
        (3, "This item does not say what happened."),
        (4, "“soon” is no moment; write it as 2026-01-31T08:00:00Z."),
    ]
    assert rejects[0].raw == "null"


@pytest.mark.parametrize("when", [1e300, -1e18, "9" * 22, True, {"a": 1}, "32/13/2026", "Infinity"])
def test_an_impossible_time_is_a_reject(when: Any) -> None:
    [found] = parsed(SendGrid(), request([{"event": "open", "sg_event_id": "a", "timestamp": when}]))
    assert isinstance(found, Reject)
    assert "moment" in str(found.reason)


def test_a_mailgun_post_signed_anew_is_the_same_event() -> None:
    for file in ("clicked_event.json", "delivered_event.json", "legacy_tags.json"):
        case = sample("mailgun", file)
        again = json.loads(json.dumps(case.payload))
        block = again.get("form") or again["signature"]
        block.update(token="another", signature="another")

        [one] = rows(Mailgun(), request(case.payload, case.content_type))
        [two] = rows(Mailgun(), request(again, case.content_type))

        assert one["fact_id"] == two["fact_id"]
        assert one["occurred_at"] == two["occurred_at"]


def test_a_mailgun_id_is_told_apart_by_its_day() -> None:
    event = sample("mailgun", "complained_event.json").payload["event-data"]
    ids = {
        rows(Mailgun(), request({"event-data": {**event, "timestamp": event["timestamp"] + seconds}}))[0][
            "fact_id"
        ]
        for seconds in (0, 1, 86_400)
    }
    assert ids == {"2013-08-22:ncV2XwymRUKbPek_MIM-Gw", "2013-08-23:ncV2XwymRUKbPek_MIM-Gw"}


def test_a_mailgun_address_that_was_not_tried_is_rejected() -> None:
    data = {"event": "failed", "severity": "permanent", "reason": "suppress-unsubscribe", "timestamp": 1.5e9}
    [row] = rows(Mailgun(), request({"event-data": data}))
    assert (row["kind"], row["reject_reason"], row["bounce_class"]) == ("rejected", "unsubscribed", "")


def test_mailguns_test_mode_is_marked() -> None:
    case = sample("mailgun", "delivered_event.json")
    assert rows(Mailgun(), request(case.payload))[0]["test"] is False
    case.payload["event-data"]["flags"]["is-test-mode"] = True
    assert rows(Mailgun(), request(case.payload))[0]["test"] is True


def test_a_mailgun_form_reads_the_same_urlencoded() -> None:
    for case in cases("mailgun"):
        if "form" in case.payload:
            encoded = rows(Mailgun(), request(case.payload, "application/x-www-form-urlencoded"))
            assert encoded == rows(Mailgun(), request(case.payload, case.content_type))


def test_attached_files_of_a_form_are_left_out() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="event"\r\n\r\nbounced\r\n'
        b'--x\r\nContent-Disposition: form-data; name="attachment-1"; filename="a.txt"\r\n\r\n'
        b"hello\r\n--x--\r\n"
    )
    [row] = rows(Mailgun(), request(body, "multipart/form-data; boundary=x"))
    assert row["kind"] == "bounced"


def test_a_form_without_a_field_is_refused() -> None:
    for content_type in (
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ):
        with pytest.raises(Invalid):
            list(Mailgun().parse(request(b"", content_type), {}))


def test_the_campaign_stands_in_the_field_that_is_set() -> None:
    def campaign(webhook: Webhook, post: Any, **settings: str) -> str:
        [row] = rows(webhook, request(post), **settings)
        return row["campaign"]

    [event] = sample("sendgrid", "open_event.json").payload
    assert campaign(SendGrid(), [{**event, "campaign": "spring"}]) == "spring"
    assert campaign(SendGrid(), [{**event, "utm": "summer"}], campaign_field="utm") == "summer"
    assert campaign(SendGrid(), [{**event, "marketing_campaign_id": 77}]) == "77"

    post = {**sample("postmark", "open_event.json").payload, "Metadata": {"campaign": "spring"}}
    assert campaign(Postmark(), post) == "spring"

    mail = sample("mailgun", "opened_event.json").payload
    assert campaign(Mailgun(), mail, campaign_field="cohort") == "2018-08-B"
    form = sample("mailgun", "legacy_metadata_post_fields.json")
    [row] = rows(Mailgun(), request(form.payload, form.content_type), campaign_field="custom1")
    assert row["campaign"] == "value1"

    brevo = sample("brevo", "sent_event.json").payload
    assert campaign(Brevo(), brevo, campaign_field="meta") == "data"
    assert campaign(Brevo(), {**brevo, "camp_id": 9}) == "9"


def test_a_time_without_a_zone_is_read_in_the_sources_zone() -> None:
    post = {"event": "click", "email": "a@example.com", "date": "2020-07-09 10:00:00", "message-id": "<m>"}
    assert rows(Brevo(), request(post))[0]["occurred_at"] == datetime(2020, 7, 9, 10, tzinfo=UTC)
    [row] = rows(Brevo(), request(post), zone="Europe/Paris")
    assert row["occurred_at"] == datetime(2020, 7, 9, 8, tzinfo=UTC)


def test_an_event_of_an_unknown_name_keeps_the_name() -> None:
    for webhook, post, name in (
        (
            SendGrid(),
            [{"event": "account_status_change", "timestamp": 1461095250, "sg_event_id": "a"}],
            "account_status_change",
        ),
        (
            Postmark(),
            {"RecordType": "Bounce", "Type": "AutoResponder", "BouncedAt": "2020-01-01T00:00:00Z"},
            "AutoResponder",
        ),
        (Brevo(), {"event": "list_addition", "ts": 1461095250, "list_id": [3]}, "list_addition"),
        (Mailgun(), {"event-data": {"event": "stored", "timestamp": 1461095250}}, "stored"),
    ):
        [row] = rows(webhook, request(post))
        assert (row["kind"], row["reason"]) == ("other", name)


# What services post that have no kind of source here, shortened.
STRANGERS: dict[str, Any] = {
    "mailjet": {"event": "open", "time": 1461095250, "MessageID": 19, "email": "a@b.c", "mj_campaign_id": 7},
    "mandrill": [{"event": "send", "ts": 1461095250, "msg": {"email": "a@b.c", "_id": "m"}}],
    "resend": {"type": "email.opened", "created_at": "2026-01-05T08:00:00Z", "data": {"to": ["a@b.c"]}},
    "ses": {"notificationType": "Bounce", "mail": {"destination": ["a@b.c"]}, "bounce": {}},
    "sparkpost": [{"msys": {"message_event": {"type": "delivery", "rcpt_to": "a@b.c"}}}],
    "customer.io": {"event_id": "e", "metric": "opened", "object_type": "email", "timestamp": 1461095250},
    "shop": {"event": "order.created", "id": "o1", "email": "a@b.c", "timestamp": 1461095250},
}
ADDRESSES: dict[str, Webhook] = {
    "sendgrid": SendGrid(), "postmark": Postmark(), "mailgun": Mailgun(), "brevo": Brevo(), "braze": Braze(),
}  # fmt: skip


@pytest.mark.requirement("DC-26")
@pytest.mark.parametrize("address", sorted(ADDRESSES))
def test_a_post_of_another_service_is_a_reject_and_no_event(address: str) -> None:
    foreign = [
        (case.service, request(case.payload, case.content_type))
        for case in cases("sendgrid", "postmark", "mailgun", "brevo")
        if case.service != address
    ]
    foreign += [(service, request(post)) for service, post in STRANGERS.items()]
    for service, post in foreign:
        try:
            found = parsed(ADDRESSES[address], post)
        except Invalid:
            continue
        assert [one for one in found if not isinstance(one, Reject)] == [], service
        assert found, service


@pytest.mark.requirement("AD-07")
def test_opens_are_marked_where_the_sender_says_that_a_machine_made_them() -> None:
    [event] = sample("sendgrid", "open_event.json").payload
    gmail = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
    for said, machine in (
        ({}, False),
        ({"sg_machine_open": True}, True),
        ({"useragent": "Mozilla/5.0"}, True),
        ({"useragent": gmail}, False),
        ({"event": "click", "useragent": "curl/8.1"}, True),
        ({"event": "delivered", "useragent": "curl/8.1"}, False),
    ):
        [row] = rows(SendGrid(), request([{**event, **said}]))
        assert row["machine"] is machine, said

    mail = sample("mailgun", "opened_event.json").payload
    mail["event-data"]["client-info"]["bot"] = "apple"
    assert rows(Mailgun(), request(mail))[0]["machine"] is True


@given(
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), JSON, max_size=12),
    st.sampled_from(SERVICES),
)
def test_no_post_breaks_the_reading(item: dict[str, Any], webhook: Webhook) -> None:
    wrapped = {"event-data": item, "signature": item} if isinstance(webhook, Mailgun) else item
    [found] = parsed(webhook, request(wrapped))
    if isinstance(found, Fact):
        assert all(type(value) in (str, bool, list, datetime) for value in found.row.values())
        for value in found.row.values():
            if isinstance(value, str):
                value.encode()


FEW: dict[str, st.SearchStrategy[Any]] = {
    "event": st.sampled_from(["processed", "open", "bounce", "dropped", "deferred", "else", "", 7, None]),
    "timestamp": st.sampled_from(
        [1461095250, 1461095250.5, "1461095250", "2026-01-05T08:00:00", "soon", "", None]
    ),
    "sg_event_id": st.sampled_from(["a", "b", "", None, 1, True]),
    "sg_message_id": st.sampled_from(["m", 1, 1.0, True, None]),
    "category": st.lists(st.sampled_from(["x", " x ", 1, True, None]), max_size=2)
    | st.sampled_from(["x", "[1]", ""]),
    "email": st.sampled_from(["Ann@Example.org ", "Bob <bob@example.org>", "", None, 5]),
    "campaign": st.sampled_from(["c", "", None, 0, 1, True, [], {}]),
    "reason": st.sampled_from(["Invalid", "said", "", None, ["x"]]),
    "type": st.sampled_from(["blocked", "bounce", None]),
    "useragent": st.sampled_from(["Mozilla/5.0", "curl/8", None]),
    "sg_machine_open": st.sampled_from([True, "true", 1, 0, None, []]),
}  # fmt: skip
ITEMS = st.fixed_dictionaries({}, optional=FEW) | JSON


def exact(found: Fact | Reject) -> tuple[Any, ...]:
    """What a fact or a reject says, where 1 and True are two."""
    if isinstance(found, Reject):
        return str(found.reason), found.raw
    said = {name: at.isoformat() if isinstance(at, datetime) else at for name, at in found.row.items()}
    return found.dataset, repr(said)


@given(st.lists(ITEMS, max_size=8))
def test_items_of_one_post_are_read_as_if_each_came_alone(items: list[Any]) -> None:
    alone = [found for item in items for found in parsed(SendGrid(), request([item]))]

    together = parsed(SendGrid(), request(items))

    assert list(map(exact, together)) == list(map(exact, alone))
    assert [one.number for one in together] == [*range(1, len(items) + 1)]


@pytest.mark.parametrize("field", ["category", "custom", "timestamp", "event", "email"])
@pytest.mark.parametrize("event_id", ["b", ""], ids=["with an id", "without one"])
def test_lists_within_lists_take_no_other_event_with_them(field: str, event_id: str) -> None:
    [event] = sample("sendgrid", "open_event.json").payload
    deep = json.dumps({**event, "sg_event_id": event_id})[:-1] + f', "{field}": {"[" * 600}{"]" * 600}}}'
    first, last = (json.dumps({**event, "sg_event_id": name}) for name in ("a", "c"))

    batch = Batch(Normalisers({dataset.key: dataset for dataset in DATASETS}), NOW)
    post = request(f"[{first}, {deep}, {last}]".encode())
    batch.read(SOURCE, lambda: SendGrid().parse(post, {}), post.body)
    batch.check()

    count = batch.count(SOURCE)
    read = field in {"custom", "email"}
    assert (count.accepted, count.rejected) == ((3, 0) if read else (2, 1))
    too_deep = "This holds lists or objects within each other, too many to be read."
    sentences = {"timestamp": "“[[[", "event": "This item does not say what happened."}
    for _source, reject in batch.rejects:
        assert reject.number == 2
        assert str(reject.reason).startswith(sentences.get(field, too_deep))


def test_a_post_of_nothing_but_brackets_is_told_what_it_is() -> None:
    with pytest.raises(Invalid, match="within each other"):
        parsed(SendGrid(), request(b"[" * 100_000))
