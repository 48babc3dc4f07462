"""What the plugin declares: the statistics that were asked for, exactly, and what they mean."""

from __future__ import annotations

from dataclasses import fields

import pytest

from bilan.registry.gather import load
from bilan.sdk.conditions import AllOf, Is, Present
from bilan.sdk.metrics import Distinct, Metric, Ratio, Sum
from bilan_email_campaigns.campaigns import COUNTS
from bilan_email_campaigns.datasets import ACTIVITY, DATASETS, EVENT_COLUMNS, TOTAL_DATASET
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.filters import FILTERS
from bilan_email_campaigns.metrics import METRICS
from bilan_email_campaigns.metrics.channels import CHANNEL_METRICS
from bilan_email_campaigns.readers.mapping_proposal import TOTAL_WORDS
from bilan_email_campaigns.readers.synonyms import CAMPAIGN_COLUMNS
from bilan_email_campaigns.readers.synonyms import EVENT_COLUMNS as EVENT_WORDS
from bilan_email_campaigns.sources import SOURCES
from bilan_email_campaigns.vocabulary import EVENTS, Kind

BY_KEY = {metric.key: metric for metric in METRICS}

ASKED_FOR = {
    "email": [
        "sends", "opens", "unique_opens", "clicks", "unique_clicks", "unsubscribes", "bounces", "delivered",
        "spam_reports",
    ],
    "push": ["push_sends", "push_opens", "push_influenced_opens", "push_bounces", "push_body_clicks"],
    "web_push": ["web_push_sends", "web_push_opens", "web_push_bounces", "web_push_body_clicks"],
    "in_app": ["in_app_impressions", "in_app_clicks", "in_app_button1_clicks", "in_app_button2_clicks"],
    "webhook": ["webhook_sends", "webhook_errors"],
    "sms": [
        "sms_sends", "sms_carrier_sends", "sms_deliveries", "sms_delivery_failures", "sms_rejections",
    ],
}  # fmt: skip
ROWS = {
    "email": "BZ-14",
    "push": "BZ-15",
    "web_push": "BZ-16",
    "in_app": "BZ-17",
    "webhook": "BZ-18",
    "sms": "BZ-19",
}


@pytest.mark.parametrize(
    "channel", [pytest.param(each, marks=pytest.mark.requirement(row)) for each, row in ROWS.items()]
)
def test_a_channel_has_exactly_the_statistics_that_were_asked_for(channel: str) -> None:
    found = [metric.key for metric in CHANNEL_METRICS if metric.group == channel]
    assert found == [f"email.{name}" for name in ASKED_FOR[channel]]


@pytest.mark.requirement("DC-18")
@pytest.mark.parametrize(
    ("rate", "above", "below"),
    [
        ("delivery_rate", "delivered", "sends"),
        ("open_rate", "unique_opens", "delivered"),
        ("human_open_rate", "unique_human_opens", "delivered"),
        ("click_rate", "unique_clicks", "delivered"),
        ("click_to_open_rate", "unique_clicks", "unique_opens"),
        ("hard_bounce_rate", "hard_bounces", "sends"),
        ("soft_bounce_rate", "soft_bounces", "sends"),
        ("complaint_rate", "spam_reports", "delivered"),
        ("unsubscribe_rate", "unsubscribes", "delivered"),
        ("reported_open_rate", "reported_unique_opens", "reported_delivered"),
        ("reported_click_rate", "reported_unique_clicks", "reported_delivered"),
        ("reported_click_to_open_rate", "reported_unique_clicks", "reported_unique_opens"),
        ("reported_delivery_rate", "reported_delivered", "reported_recipients"),
    ],
)
def test_a_rate_divides_sums_and_says_which(rate: str, above: str, below: str) -> None:
    metric = BY_KEY[f"email.{rate}"]
    assert metric.formula == Ratio(f"email.{above}", f"email.{below}", proportion=True)
    words = " / ".join(name.removeprefix("reported_") for name in (above, below))
    said = words.replace("_", " ").replace("human opens", "opens by people")
    assert str(metric.formula_text).startswith(said)


@pytest.mark.requirement("DC-18")
def test_unique_opens_and_clicks_count_pairs_of_campaign_or_step_and_recipient() -> None:
    for name, kind in (("unique_opens", "opened"), ("unique_clicks", "clicked")):
        assert BY_KEY[f"email.{name}"].formula == Distinct(
            ("source", "campaign", "canvas", "step", "recipient"),
            AllOf((Is("channel", "email"), Is("kind", kind), Present("recipient"))),
        )
    assert BY_KEY["email.distinct_contacts"].formula == Distinct(("recipient",), Present("recipient"))


def test_totals_are_summed_apart_from_events() -> None:
    for metric in METRICS:
        reported = metric.key.startswith(("email.reported_", "email.hourly_"))
        assert reported == (metric.group == "reported")
        if reported:
            assert metric.dataset != EVENTS
            assert "as reported" in str(metric.label) + str(metric.formula_text)
    totals = [metric.formula for metric in METRICS if metric.dataset == TOTAL_DATASET.key]
    assert {formula.column for formula in totals if isinstance(formula, Sum)} == {
        *COUNTS, "revenue",
    }  # fmt: skip
    # An amount is never added to one in another currency.
    assert [
        formula.per for formula in totals if isinstance(formula, Sum) and formula.column == "revenue"
    ] == ["currency"]


def version(metric: Metric) -> int:
    """The version of a definition."""
    if isinstance(metric.formula, Ratio) and metric.formula.proportion:
        # Since 2 it is empty where more is known of the part than of the whole, since 3 its parts count once.
        return 2 if metric.group == "reported" else 3
    once = {"delivered", "bounces", "hard_bounces", "spam_reports", "unsubscribes", "sms_deliveries"}
    # Since 2 an outcome counts once, and an event that names a Canvas step counts for it alone.
    pair = isinstance(metric.formula, Distinct) and "step" in metric.formula.columns
    return 2 if pair or metric.key.removeprefix("email.") in once else 1


def test_every_metric_says_what_it_is_in_a_sentence_and_how_it_is_counted() -> None:
    for metric in METRICS:
        assert str(metric.description).endswith("."), metric.key
        assert str(metric.formula_text), metric.key
        assert metric.version == version(metric), metric.key
    assert len({str(metric.label) for metric in METRICS}) == len(METRICS)


def test_the_reports_filters_are_there() -> None:
    assert {each.name for each in FILTERS} >= {
        "campaign", "canvas", "channel", "kind", "tags", "variant", "step", "bounce_class", "recipient",
        "url", "machine", "test", "archived", "category",
    }  # fmt: skip


def test_an_event_fills_every_column() -> None:
    row = Event(fact_id="f", occurred_at=None, kind=Kind.SENT).fact().row
    # The core says which ones are repeats.
    assert set(row) == {column.name for column in EVENT_COLUMNS} - {"repeat"}
    assert {each.name for each in fields(Event)} < set(row)


def test_the_known_words_lead_to_columns() -> None:
    columns = {dataset.key: set(dataset.by_name) for dataset in DATASETS}
    assert set(EVENT_WORDS.values()) <= columns[EVENTS]
    assert set(CAMPAIGN_COLUMNS.values()) <= columns["email.campaigns"]
    assert set(TOTAL_WORDS.values()) <= columns["email.campaign_totals"]


def test_the_server_takes_the_plugin_as_installed() -> None:
    registry = load()
    assert registry.plugins["email"].name == "email_campaigns"
    kinds = [key for namespace, key in registry.source_kinds if namespace == "email"]
    services = [
        "sendgrid", "postmark", "mailgun", "brevo", "amazon_ses", "sparkpost", "mailjet", "resend",
        "mandrill", "mailersend", "mailtrap", "postal", "unisender_go",
    ]  # fmt: skip
    assert kinds == [*services, "mailchimp", "hubspot", "braze", "smtp", "file"]
    assert [kind.key for kind in SOURCES if kind.webhook] == [*services, "braze", "smtp"]
    assert [kind.key for kind in SOURCES if kind.pull] == ["brevo", "mailjet", "mailchimp", "smtp"]


def test_an_event_is_something_that_its_recipient_did() -> None:
    assert ACTIVITY(Event(fact_id="f", occurred_at=None, kind=Kind.SENT).fact().row) is None
    found = ACTIVITY(
        Event(fact_id="f", occurred_at=None, kind=Kind.CLICKED, recipient="a@b.c", campaign="c1",
              campaign_name="Spring", url="https://example.com").fact().row
    )  # fmt: skip
    assert found is not None
    assert (found.contact, found.category, found.action) == ("a@b.c", "campaign", "clicked")
    assert (found.subject, found.detail) == ("Spring", "https://example.com")
    alone = ACTIVITY(
        Event(fact_id="f", occurred_at=None, kind=Kind.OTHER, recipient="a@b.c", reason="autoresponded",
              subject="Your order").fact().row
    )  # fmt: skip
    assert alone is not None
    assert (alone.category, alone.action, alone.subject) == ("email", "autoresponded", "Your order")


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("contact.created", "contact_created"),
        ("Complaint: not-spam", "Complaint_not_spam"),
        ("soft bounce", "soft_bounce"),
        ("été", "été"),
        ("404", "other"),
        ("…", "other"),
        ("", "other"),
    ],
)
def test_an_action_that_has_a_services_own_name_is_one_word(name: str, action: str) -> None:
    event = Event(fact_id="f", occurred_at=None, kind=Kind.OTHER, recipient="a@b.c", reason=name)
    found = ACTIVITY(event.fact().row)
    assert found is not None
    assert found.action == action
