"""The pages of buttons without a server: what is made, what is refused, and what a web site is given."""

from __future__ import annotations

import pytest

from bilan.sdk import Invalid, NotFound, RoutePage, RouteReply
from bilan.testing.harness import PluginHarness
from bilan.testing.visits import Visit
from bilan_whatsapp_inbox.button.buttons import checked
from bilan_whatsapp_inbox.button.references import new_reference, reference_in
from bilan_whatsapp_inbox.button.visitors import referrer_of

pytestmark = pytest.mark.requirement("AC-19")


def test_a_button_is_made_changed_and_removed(bilan_harness: PluginHarness) -> None:
    visit = Visit(bilan_harness, "whatsapp")
    form = {
        "name": "Foot & Co <b>",
        "number": "+33 6 39 98 12 34",
        "text": "Hello",
        "source": str(bilan_harness.source),
    }

    made = visit("/buttons", form=form)
    assert isinstance(made, RouteReply)
    there = made.headers["location"].removeprefix("/plugins/whatsapp")
    page, listed = visit(there, {"utm_source": "a&b"}), visit("/buttons")
    assert isinstance(page, RoutePage)
    assert isinstance(listed, RoutePage)
    assert "Foot &amp; Co &lt;b&gt;" in listed.content
    assert "utm_source=a%26b" in page.content
    code = visit(f"{there}/qr.svg")
    assert isinstance(code, RouteReply)
    assert code.content_type == "image/svg+xml"
    with pytest.raises(Invalid, match="too long for a QR code"):
        visit(f"{there}/qr.svg", {"utm_source": "a" * 2_000, "utm_medium": "b" * 2_000})

    changing = Visit(bilan_harness, "whatsapp", sequence=2)
    changing(there, form=form | {"number": "0044 20 7946 0000", "text": ""})
    led = changing(there.replace("buttons", "go"))
    assert isinstance(led, RouteReply)
    assert (
        led.headers["location"] == "https://wa.me/442079460000"
    )  # a machine's visit, so without a reference

    Visit(bilan_harness, "whatsapp", sequence=3)(there, form={"remove": "1"})
    with pytest.raises(NotFound):
        changing(there.replace("buttons", "go"))
    with pytest.raises(NotFound):
        changing(there)


def test_what_cannot_be_a_button_is_told_beside_its_field_with_what_was_filled_in(
    bilan_harness: PluginHarness,
) -> None:
    form = {"name": "Header", "number": "06 39 98 12 34", "text": "", "source": str(bilan_harness.source)}

    page = Visit(bilan_harness, "whatsapp", language="fr")("/buttons", form=form)

    assert isinstance(page, RoutePage)
    assert page.status == 422
    assert '<p class="error" id="f-number-error">Le numéro doit comporter l’indicatif du pays' in page.content
    assert 'value="06 39 98 12 34"' in page.content
    assert bilan_harness.totals("whatsapp.buttons_made") == {"whatsapp.buttons_made": 0}


@pytest.mark.parametrize(
    "number", ["", "+", "06", "+0 6 39 98 12 34", "1" * 16, "1234567?text=x", "1٣٦٣٩٩٨١٢"]
)
def test_a_number_is_its_countrys_code_and_figures_and_nothing_else(number: str) -> None:
    with pytest.raises(Invalid, match="country's code"):
        checked("Header", number, "")


def test_a_button_in_a_source_that_is_none_is_refused(bilan_harness: PluginHarness) -> None:
    form = {"name": "Header", "number": "+33639981234", "text": "", "source": "elsewhere"}

    page = Visit(bilan_harness, "whatsapp")("/buttons", form=form)

    assert isinstance(page, RoutePage)
    assert "Choose the inbox in which the conversations arrive." in page.content


def test_a_referrer_is_a_host_and_nothing_else() -> None:
    said = {
        "https://Shop.Example:8443/a?b#c": "shop.example", "android-app://com.mail/": "com.mail",
        "about:blank": "", "": "", "https://[::1": "", f"https://{'a' * 300}.example": "",
    }  # fmt: skip
    assert {given: referrer_of({"referer": given}) for given in said} == said


def test_references_differ_and_are_found_again() -> None:
    drawn = {new_reference() for _time in range(1_000)}

    assert len(drawn) == 1_000
    assert {reference_in(f"#{one}") for one in drawn} == drawn
