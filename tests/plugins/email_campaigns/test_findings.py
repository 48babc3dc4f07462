"""What a report says in sentences, over figures written by hand, in English and in French."""

from __future__ import annotations

from typing import Any

import pytest

from bilan_email_campaigns.reports import channel_findings, findings
from support.wording import written


def figures(**named: Any) -> dict[str, Any]:
    return {f"email.{name}": value for name, value in named.items()}


def rates(delivered: int, opened: float | None, clicked: float | None) -> dict[str, Any]:
    return figures(delivered=delivered, open_rate=opened, click_rate=clicked)


def test_the_rates_are_said_of_the_delivered_emails() -> None:
    said = findings.engagement(rates(1592, 0.4358, 0.1334))

    assert written(said) == "Of 1,592 delivered e-mails, 43.6% were opened and 13.3% clicked."
    assert written(said, "fr") == "Sur 1 592 e-mails livrés, 43,6 % ont été ouverts et 13,3 % cliqués."


@pytest.mark.parametrize(
    "now",
    [
        {},
        rates(0, None, None),
        rates(2, None, 0.5),
        # One e-mail has no rate worth a sentence.
        rates(1, 1.0, 0.0),
        # Delivered before the period, opened in it.
        rates(2, 1.5, 0.5),
    ],
)
def test_nothing_is_said_where_no_rate_can_be_told_honestly(now: dict[str, Any]) -> None:
    assert findings.engagement(now) is None


@pytest.mark.parametrize(
    ("delivered", "opened", "clicked", "english", "french"),
    [
        (
            1, 1, 0,
            "One e-mail was delivered, with 1 unique open and 0 unique clicks.",
            "Un e-mail a été livré, avec 1 ouverture unique et 0 clic unique.",
        ),
        (
            4420, 1944, 1,
            "4,420 e-mails were delivered, with 1,944 unique opens and 1 unique click.",
            "4 420 e-mails ont été livrés, avec 1 944 ouvertures uniques et 1 clic unique.",
        ),
    ],
)  # fmt: skip
def test_counts_are_said_where_no_rate_was_chosen(
    delivered: int, opened: int, clicked: int, english: str, french: str
) -> None:
    said = findings.engagement(figures(delivered=delivered, unique_opens=opened, unique_clicks=clicked))

    assert (written(said), written(said, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("now", "before", "english", "french"),
    [
        (
            (0.436, 0.14), (0.415, 0.13),
            "The open rate rose by 2.1 points to 43.6%, the click rate by 1 point to 14.0%.",
            ("Le taux d’ouverture a gagné 2,1 points et atteint 43,6 % ; "
            "le taux de clic a gagné 1 point et atteint 14,0 %."),
        ),
        (
            (0.44, 0.14), (0.468, 0.152),
            "The open rate fell by 2.8 points to 44.0%, the click rate by 1.2 points to 14.0%.",
            # In French one and a half is still singular.
            ("Le taux d’ouverture a perdu 2,8 points et s’établit à 44,0 % ; "
            "le taux de clic a perdu 1,2 point et s’établit à 14,0 %."),
        ),
        (
            (0.5, 0.1), (0.4, 0.2),
            "The open rate rose by 10 points to 50.0%, while the click rate fell by 10 points to 10.0%.",
            ("Le taux d’ouverture a gagné 10 points et atteint 50,0 %, "
            "tandis que le taux de clic a perdu 10 points et s’établit à 10,0 %."),
        ),
        (
            (0.4, 0.2), (0.5, 0.1),
            "The open rate fell by 10 points to 40.0%, while the click rate rose by 10 points to 20.0%.",
            ("Le taux d’ouverture a perdu 10 points et s’établit à 40,0 %, "
            "tandis que le taux de clic a gagné 10 points et atteint 20,0 %."),
        ),
        (
            (0.5, 0.1), (0.4, 0.1004),
            "The open rate rose by 10 points to 50.0%; the click rate hardly changed.",
            "Le taux d’ouverture a gagné 10 points et atteint 50,0 % ; le taux de clic n’a guère changé.",
        ),
        (
            (0.3, 0.1), (0.4, 0.1),
            "The open rate fell by 10 points to 30.0%; the click rate hardly changed.",
            ("Le taux d’ouverture a perdu 10 points et s’établit à 30,0 % ; "
            "le taux de clic n’a guère changé."),
        ),
        (
            (0.4, 0.1), (0.4, 0.095),
            "The click rate rose by 0.5 points to 10.0%; the open rate hardly changed.",
            "Le taux de clic a gagné 0,5 point et atteint 10,0 % ; le taux d’ouverture n’a guère changé.",
        ),
        (
            (0.4, 0.1), (0.4, 0.12),
            "The click rate fell by 2 points to 10.0%; the open rate hardly changed.",
            ("Le taux de clic a perdu 2 points et s’établit à 10,0 % ; "
            "le taux d’ouverture n’a guère changé."),
        ),
        (
            (0.4, 0.1), (0.4, 0.1),
            "Open rate and click rate hardly changed: 40.0% were opened, 10.0% clicked.",
            ("Les taux d’ouverture et de clic n’ont guère changé : "
            "40,0 % d’e-mails ouverts, 10,0 % de cliqués."),
        ),
    ],
)  # fmt: skip
def test_with_a_comparison_the_change_is_said_in_points(
    now: tuple[float, float], before: tuple[float, float], english: str, french: str
) -> None:
    said = findings.engagement(rates(4420, *now), rates(4390, *before))

    assert (written(said), written(said, "fr")) == (english, french)


@pytest.mark.parametrize(
    "before", [None, rates(0, None, None), rates(29, 0.9, 0.5), rates(300, 0.4, None), rates(300, 1.2, 0.4)]
)
def test_without_rates_to_hold_them_against_the_rates_are_said_alone(before: dict[str, Any] | None) -> None:
    said = findings.engagement(rates(592, 0.436, 0.133), before)

    assert written(said) == "Of 592 delivered e-mails, 43.6% were opened and 13.3% clicked."


@pytest.mark.parametrize(
    ("now", "english", "french"),
    [
        (
            figures(opens=398, machine_opens=103, clicks=96, machine_clicks=24),
            "Machines made 25.9% of the opens and 25.0% of the clicks.",
            "Des robots sont à l’origine de 25,9 % des ouvertures et de 25,0 % des clics.",
        ),
        (
            figures(opens=398, machine_opens=103, clicks=96, machine_clicks=0),
            "Machines made 25.9% of the opens.",
            "Des robots sont à l’origine de 25,9 % des ouvertures.",
        ),
        (
            figures(opens=0, machine_opens=0, clicks=4, machine_clicks=1),
            "Machines made 25.0% of the clicks.",
            "Des robots sont à l’origine de 25,0 % des clics.",
        ),
        # A sender that does not tell machines apart gives none; that people did it all cannot be said.
        (figures(opens=398, machine_opens=0, clicks=96, machine_clicks=0), None, None),
        (figures(opens=None, machine_opens=None, clicks=None, machine_clicks=None), None, None),
    ],
)
def test_the_part_of_machines_is_said_where_they_are_told_apart(
    now: dict[str, Any], english: str | None, french: str | None
) -> None:
    said = findings.machines(now)

    assert (written(said), written(said, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("channel", "now", "english", "french"),
    [
        (
            "push", figures(push_sends=720, push_opens=70),
            "720 push notifications were sent, with 70 opens.",
            "720 notifications push ont été envoyées, avec 70 ouvertures.",
        ),
        (
            "push", figures(push_sends=1, push_opens=1),
            "One push notification was sent, with 1 open.",
            "Une notification push a été envoyée, avec 1 ouverture.",
        ),
        (
            "web_push", figures(web_push_sends=240, web_push_opens=0),
            "240 web push notifications were sent, with 0 opens.",
            "240 notifications push web ont été envoyées, avec 0 ouverture.",
        ),
        (
            "in_app", figures(in_app_impressions=360, in_app_button1_clicks=67, in_app_button2_clicks=45),
            "In-app messages were shown 360 times, with 67 clicks on the first button and 45 on the second.",
            ("Les messages in-app ont été affichés 360 fois, "
            "avec 67 clics sur le premier bouton et 45 sur le second."),
        ),
        (
            "webhook", figures(webhook_sends=87, webhook_errors=3),
            "87 webhook calls were made, with 3 errors.",
            "87 appels de webhook ont été effectués, avec 3 erreurs.",
        ),
        (
            "sms", figures(sms_sends=270, sms_deliveries=261),
            "270 text messages were sent, with 261 confirmed deliveries.",
            "270 SMS ont été envoyés, avec 261 livraisons confirmées.",
        ),
        ("sms", figures(sms_sends=0, sms_deliveries=1), None, None),
        # The second figure was not chosen.
        ("sms", figures(sms_sends=5), None, None),
    ],
)  # fmt: skip
def test_every_other_channel_says_what_was_sent_and_what_came_of_it(
    channel: str, now: dict[str, Any], english: str | None, french: str | None
) -> None:
    finding = channel_findings.finding(channel)

    assert finding is not None
    said = finding(now, None)
    assert (written(said), written(said, "fr")) == (english, french)


def test_figures_of_no_channel_say_nothing() -> None:
    assert channel_findings.finding("all") is None
