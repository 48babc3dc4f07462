"""Which tiles lead."""

from __future__ import annotations

from msgspec.structs import replace

from bilan.sdk.document import Kpi, Mark
from bilan_email_campaigns.reports.headline_kpis import headline_kpis
from bilan_email_campaigns.reports.statistics import METRIC


def tiles(**values: float | None) -> list[Kpi]:
    return [Kpi.of(METRIC[f"email.{key}"], value) for key, value in values.items()]


def leading(made: tuple[Kpi, ...]) -> list[str]:
    """What leads. Leads stand before all others."""
    names = [one.key.removeprefix("email.") for one in made if one.lead]
    assert names == [one.key.removeprefix("email.") for one in made[: len(names)]]
    return names


def test_deliveries_and_the_three_telling_rates_lead() -> None:
    made = headline_kpis(
        tiles(sends=5, delivered=4, bounces=1, open_rate=0.5, complaint_rate=0.0, click_rate=0.25,
              unsubscribe_rate=0.0, unique_opens=2)
    )  # fmt: skip

    assert leading(made) == ["delivered", "open_rate", "click_rate", "unsubscribe_rate"]
    assert [one.key for one in made if not one.lead] == [
        "email.sends", "email.bounces", "email.complaint_rate", "email.unique_opens",
    ]  # fmt: skip


def test_complaints_that_ask_for_attention_lead_in_place_of_unsubscribes() -> None:
    rates = tiles(delivered=4, open_rate=0.5, click_rate=0.25, unsubscribe_rate=0.1)
    complaints = replace(Kpi.of(METRIC["email.complaint_rate"], 0.25), mark=Mark.RED_FLAG)

    made = headline_kpis([*rates, complaints])

    assert leading(made) == ["delivered", "open_rate", "click_rate", "complaint_rate"]


def test_counts_lead_where_no_rates_are_shown() -> None:
    made = headline_kpis(tiles(sends=5, opens=3, unique_opens=2, clicks=1, unique_clicks=1, unsubscribes=0))

    assert leading(made) == ["sends", "unique_opens", "unique_clicks", "unsubscribes"]


def test_what_has_no_figure_does_not_lead() -> None:
    made = headline_kpis(
        tiles(delivered=0, open_rate=None, click_rate=None, unsubscribe_rate=None, unique_opens=0)
    )

    assert leading(made) == ["delivered", "unique_opens"]


def test_other_channels_have_no_leads() -> None:
    assert leading(headline_kpis(tiles(push_sends=5, push_opens=3))) == []
