"""The engagement report's rows and files, over hand-made events with the expected figures beside them."""

from __future__ import annotations

import gzip
import io
from typing import Any
from zipfile import ZipFile

import pytest

from bilan.rendering.csv_format import CSV
from bilan.rendering.selection import selected
from bilan.reports.parts import rows_of
from bilan.sdk.document import Notice, Section
from bilan.sdk.errors import Invalid
from bilan_email_campaigns.reports.engagement_tables import PAGE
from fixtures.documents import Contexts
from fixtures.email_reports import OTHER, MailRoom, table, tables, tile
from support.engagement import ENGAGEMENT, canvas, event, figures, keys, on


@pytest.mark.requirement("BZ-01", "BZ-27", "BZ-34")
def test_every_campaign_has_a_row_a_day_with_all_chosen_statistics(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(1)),
        event("delivered", on(1)),
        event("sent", on(1), to="bob@b.org"),
        event("bounced", on(1), to="bob@b.org", bounce_class="hard"),
        event("opened", on(1)),
        event("opened", on(1, 23)),
        event("opened", on(2, 0)),
        event("clicked", on(2), url="https://a"),
        event("clicked", on(2), url="https://b"),
        event("unsubscribed", on(3)),
        event("complained", on(3)),
        event("sent", on(2), "summer"),
    )

    made = mail_room.report(ENGAGEMENT)

    assert keys(made) == [
        "sends", "opens", "unique_opens", "clicks", "unique_clicks", "unsubscribes", "bounces", "delivered",
        "spam_reports",
    ]  # fmt: skip
    assert figures(mail_room, made) == [
        ("2026-03-01", "spring", 2, 2, 1, 0, 0, 0, 1, 1, 0),
        ("2026-03-02", "spring", 0, 1, 1, 2, 1, 0, 0, 0, 0),
        ("2026-03-02", "summer", 1, 0, 0, 0, 0, 0, 0, 0, 0),
        ("2026-03-03", "spring", 0, 0, 0, 0, 0, 1, 0, 0, 1),
    ]


@pytest.mark.requirement("BZ-03", "DC-13")
def test_there_is_one_file_for_campaigns_and_one_for_canvases(mail_room: MailRoom) -> None:
    mail_room.events(
        *(event("sent", on(1), f"campaign {number}") for number in range(7)),
        *(canvas("sent", on(1), f"canvas {number}") for number in range(5)),
    )

    made = mail_room.report(ENGAGEMENT)

    files = {one.file: len(mail_room.rows(one)) for one in tables(made).values() if one.file}
    assert files == {"campaigns": 7, "canvases": 5}


@pytest.mark.requirement("BZ-03", "DC-13")
@pytest.mark.parametrize(
    ("facts", "left"), [([event("sent", on(1))], "campaigns"), ([canvas("sent", on(1))], "canvases")]
)
def test_an_empty_file_is_left_out(mail_room: MailRoom, facts: list[dict[str, Any]], left: str) -> None:
    mail_room.events(*facts)

    assert list(tables(mail_room.report(ENGAGEMENT))) == [left]


def test_a_report_about_nothing_says_so(mail_room: MailRoom) -> None:
    made = mail_room.report(ENGAGEMENT)

    section = made.blocks[-1]
    assert isinstance(section, Section)
    (notice,) = section.blocks
    assert isinstance(notice, Notice)
    assert str(notice.text) == "Nothing is known of the selected messages in this period."


@pytest.mark.requirement("BZ-04", "BZ-29")
def test_variants_and_steps_have_rows_of_their_own_where_the_data_has_them(mail_room: MailRoom) -> None:
    mail_room.events(
        event("sent", on(1), variant="a", variant_name="Red"),
        event("sent", on(1), to="bob@b.org", variant="b", variant_name="Blue"),
        event("opened", on(1), variant="a", variant_name="Red"),
        event("unsubscribed", on(1)),
        canvas("sent", on(1), step="s1", step_name="Hello"),
        canvas("sent", on(1), step="s2", step_name="Again"),
    )

    made = mail_room.report(
        ENGAGEMENT, {"level": "variant", "statistics": ["email.sends", "email.unsubscribes"]}
    )

    campaigns = [
        (row["variant"], row["variant_name"], row["whole"], row["email.sends"], row["email.unsubscribes"])
        for row in mail_room.rows(table(made, "campaigns"))
    ]
    # The sender does not say to which variant the unsubscription belongs.
    assert campaigns == [("", "", True, 0, 1), ("a", "Red", False, 1, 0), ("b", "Blue", False, 1, 0)]
    steps = [
        (row["canvas"], row["step"], row["step_name"], row["email.sends"])
        for row in mail_room.rows(table(made, "canvases"))
    ]
    assert steps == [("welcome", "s1", "Hello", 1), ("welcome", "s2", "Again", 1)]


@pytest.mark.requirement("BZ-06")
def test_running_again_may_update_the_statistics(mail_room: MailRoom) -> None:
    mail_room.events(event("sent", on(1)))
    before = mail_room.report(ENGAGEMENT)

    mail_room.events(event("sent", on(1), to="late@a.org"))
    after = mail_room.report(ENGAGEMENT)

    assert (tile(before, "email.sends").value, tile(after, "email.sends").value) == (1, 2)


def test_the_same_key_at_two_sources_stays_two_campaigns(mail_room: MailRoom) -> None:
    mail_room.sources[OTHER] = "Other"
    mail_room.events(event("sent", on(1), "1", campaign_name="Ours"), event("opened", on(1), "1"))
    mail_room.events(event("opened", on(1), "1", campaign_name="Theirs"), source=OTHER)

    made = mail_room.report(ENGAGEMENT)

    rows = mail_room.rows(table(made, "campaigns"))
    assert [(row["source"], row["campaign_name"], row["email.opens"]) for row in rows] == [
        ("Main", "Ours", 1),
        ("Other", "Theirs", 1),
    ]
    assert tile(made, "email.unique_opens").value == 2


@pytest.mark.requirement("BZ-20", "DC-13")
def test_the_file_is_compressed_and_its_columns_are_parted_as_the_report_says(
    mail_room: MailRoom, contexts: Contexts
) -> None:
    mail_room.events(event("sent", on(1)))

    def written(values: dict[str, str]) -> bytes:
        document, context, out = mail_room.report(ENGAGEMENT, values), contexts(), io.BytesIO()
        CSV.render(selected(document, context, CSV), context, rows_of(mail_room.files), out)
        return out.getvalue()

    heads = ["First day", "Last day", "Source id", "Source", "Campaign"]
    for name, sign in (("comma", ","), ("semicolon", ";"), ("colon", ":"), ("pipe", "|"), ("tab", "\t")):
        text = written({"compression": "none", "delimiter": name}).decode("utf-8-sig")
        assert text.splitlines()[0].split(sign)[:5] == heads
    assert gzip.decompress(written({"compression": "gzip"})).decode("utf-8-sig").split(",")[:5] == heads
    with ZipFile(io.BytesIO(written({}))) as file:
        assert file.read(file.namelist()[0]).decode("utf-8-sig").split(",")[:5] == heads
    with pytest.raises(Invalid):
        mail_room.report(ENGAGEMENT, {"delimiter": "dash"})


@pytest.mark.requirement("BZ-22", "DC-03")
def test_the_export_is_guarded_as_contact_data(mail_room: MailRoom) -> None:
    assert mail_room.registry.reports[ENGAGEMENT].personal


def test_a_table_longer_than_a_page_is_complete(mail_room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAGE == 20_000
    monkeypatch.setattr("bilan_email_campaigns.reports.engagement_tables.PAGE", 3)
    mail_room.events(*(event("sent", on(1), f"{number:02}") for number in range(10)))

    made = mail_room.report(ENGAGEMENT, {"statistics": ["email.sends"]})

    assert figures(mail_room, made) == [("2026-03-01", f"{number:02}", 1) for number in range(10)]
