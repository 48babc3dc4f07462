"""The engagement report's totals and rates, those that only senders state, and where figures come from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk.document import Cell, Mark
from bilan.sdk.query import Question
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from fixtures.email_reports import MAIN, NOW, MailRoom, plain, table, tile
from support.engagement import ENGAGEMENT, event, figures, keys, on


@pytest.mark.requirement("DC-18")
def test_totals_are_counted_anew_over_the_period_never_summed(mail_room: MailRoom) -> None:
    mail_room.events(
        event("opened", on(1)), event("opened", on(2)), event("opened", on(2), "summer"), event("sent", on(1))
    )

    made = mail_room.report(ENGAGEMENT)

    # Ann opened "spring" on two days and "summer" on one: two pairs, though the rows say three.
    assert [row[4] for row in figures(mail_room, made)] == [1, 1, 1]
    totals = dict(zip(keys(made), (table(made, "campaigns").totals or [])[-9:], strict=True))
    assert totals["unique_opens"] == 2
    assert tile(made, "email.unique_opens").value == 2
    assert tile(made, "email.opens").value == 3


@pytest.mark.requirement("DC-18")
def test_rates_stand_beside_the_counts_and_divide_sums(mail_room: MailRoom) -> None:
    mail_room.events(
        *(event("sent", on(1), to=f"{n}@a.org") for n in range(4)),
        *(event("delivered", on(1), to=f"{n}@a.org") for n in range(3)),
        event("bounced", on(1), to="3@a.org", bounce_class="soft"),
        *(event("opened", on(1), to=f"{n}@a.org") for n in range(2)),
        event("clicked", on(1), to="0@a.org"),
        event("delivered", on(2), "summer"),
    )

    made = mail_room.report(ENGAGEMENT, {"rates": True, "interval": "none"})

    assert keys(made)[9:] == [metric.key.removeprefix("email.") for metric in RATE_METRICS]
    expected = {
        "delivery_rate": 4 / 4,
        "open_rate": 2 / 4,
        "human_open_rate": 2 / 4,
        "click_rate": 1 / 4,
        "click_to_open_rate": 1 / 2,
        "hard_bounce_rate": 0.0,
        "soft_bounce_rate": 1 / 4,
        "complaint_rate": 0.0,
        "unsubscribe_rate": 0.0,
    }
    assert {key: tile(made, f"email.{key}").value for key in expected} == expected
    row = mail_room.rows(table(made, "campaigns"))[0]
    assert (row["email.delivery_rate"], row["email.open_rate"]) == (3 / 4, 2 / 3)


@pytest.mark.requirement("DC-18", "GO-15")
def test_every_statistic_states_its_formula(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)))

    made = mail_room.report(ENGAGEMENT, {"rates": True})

    printed = {definition.key for definition in made.definitions}
    assert {f"email.{key}" for key in keys(made)} <= printed
    # A ratio brings what it divides.
    assert {"email.unique_human_opens", "email.hard_bounces", "email.soft_bounces"} <= printed
    assert all(str(definition.formula) for definition in made.definitions)


@pytest.mark.requirement("DC-18")
def test_totals_that_only_a_sender_states_are_marked_in_a_row_of_their_own(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(2)), event("delivered", on(2)), event("opened", on(2)))
    mail_room.totals(
        {"campaign": "file", "campaign_name": "From a file", "occurred_at": on(4), "reported_at": on(20),
         "recipients": 100, "delivered": 80, "unique_opens": 40, "opens": 70},
    )  # fmt: skip

    made = mail_room.report(
        ENGAGEMENT, {"statistics": ["email.sends", "email.unique_opens", "email.clicks"], "rates": True}
    )

    campaigns = table(made, "campaigns")
    stated = campaigns.rows[-1]
    assert [plain(value) for value in stated[:9]] == [
        "2026-03-04", "2026-03-20", str(MAIN), "Main", "file", "From a file", False, False, True,
    ]  # fmt: skip
    cells = dict(zip(keys(made), stated[9:], strict=True))
    assert cells["sends"] == Cell(100, Mark.REPORTED)
    assert cells["unique_opens"] == Cell(40, Mark.REPORTED)
    assert cells["clicks"] is None
    assert cells["open_rate"] == Cell(0.5, Mark.REPORTED)
    assert cells["click_rate"] is None
    assert [row[8] for row in campaigns.rows[:-1]] == [False]


@pytest.mark.requirement("DC-18")
def test_counted_and_stated_figures_are_never_added_in_silence(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(2)), event("delivered", on(2)), event("opened", on(2)))
    mail_room.totals(
        {"campaign": "file", "occurred_at": on(4), "recipients": 100, "delivered": 79, "unique_opens": 40}
    )

    made = mail_room.report(ENGAGEMENT, {"rates": True})

    sends, rate, clicks = (tile(made, f"email.{key}") for key in ("sends", "open_rate", "clicks"))
    assert (sends.value, sends.mark) == (101, Mark.MIXED)
    assert str(sends.note) == "1 counted from events, 100 as senders' reports state it."
    assert (rate.value, rate.mark) == (41 / 80, Mark.MIXED)
    assert (clicks.value, clicks.mark) == (0, None)
    totals = dict(zip(keys(made), (table(made, "campaigns").totals or [])[9:], strict=True))
    assert totals["sends"] == Cell(101, Mark.MIXED, sends.note)
    assert totals["clicks"] == 0


@pytest.mark.requirement("DC-18")
def test_stated_totals_of_a_campaign_with_events_are_not_counted_twice(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(2)))
    mail_room.totals({"campaign": "spring", "occurred_at": on(2), "recipients": 100})

    made = mail_room.report(ENGAGEMENT)

    assert (tile(made, "email.sends").value, tile(made, "email.sends").mark) == (1, None)
    assert len(mail_room.rows(table(made, "campaigns"))) == 1


@pytest.mark.requirement("DC-18")
def test_a_file_that_only_has_totals_still_gives_the_report(mail_room: MailRoom) -> None:
    mail_room.totals(
        {"campaign": "a", "occurred_at": on(4), "recipients": 100, "unique_opens": 40},
        {"campaign": "b", "occurred_at": on(5), "recipients": 50, "tags": ["promo"]},
        {"campaign": "c", "occurred_at": datetime(1990, 1, 1, tzinfo=UTC), "undated": True, "recipients": 7},
    )

    everything = mail_room.report(ENGAGEMENT)
    in_march = mail_room.report(ENGAGEMENT, {"period": "2026-03-01..2026-03-04"})
    promo = mail_room.report(ENGAGEMENT, {"tags": ["promo"]})

    sends = tile(everything, "email.sends")
    assert (sends.value, sends.mark) == (157, Mark.REPORTED)
    assert everything.period == ("2026-03-04", "2026-03-31")
    assert [row[1] for row in figures(mail_room, everything)] == ["a", "b", "c"]
    assert [row[1] for row in figures(mail_room, in_march)] == ["a"]
    assert "One campaign is left out because its sender's report gives no send date." in map(
        str, in_march.notes
    )
    assert [row[1] for row in figures(mail_room, promo)] == ["b"]


@pytest.mark.requirement("GO-15")
def test_the_report_says_how_far_each_source_had_reported(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)), event("sent", on(9, 17)))

    (events,) = [one for one in mail_room.report(ENGAGEMENT).provenance if one.dataset == "email.events"]

    assert (events.source, events.rows, events.watermark) == ("Main", 2, "2026-03-09T17:00:00Z")


@pytest.mark.requirement("GO-15")
def test_a_source_that_gave_no_time_at_all_reached_none(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)))
    mail_room.campaigns({"campaign": "a", "name": "A", "occurred_at": datetime(1990, 1, 1, tzinfo=UTC)})

    (listed,) = [one for one in mail_room.report(ENGAGEMENT).provenance if one.dataset == "email.campaigns"]

    assert (listed.rows, listed.watermark) == (1, None)


@pytest.mark.requirement("AD-07")
@pytest.mark.parametrize(("kind", "name"), [("opened", "opens"), ("clicked", "clicks")])
def test_what_people_and_what_machines_did_add_up(mail_room: MailRoom, kind: str, name: str) -> None:
    mail_room.events(
        *(event(kind, on(1), machine=True) for _n in range(3)), *(event(kind, on(1)) for _n in range(5))
    )
    client = QuerySession(mail_room.warehouse, mail_room.registry, frozenset({MAIN}), Snapshot(NOW))
    metrics = (f"email.{name}", f"email.human_{name}", f"email.machine_{name}")
    totals = client(Question("email.events", metrics)).totals
    assert [totals[metric] for metric in metrics] == [8, 5, 3]
