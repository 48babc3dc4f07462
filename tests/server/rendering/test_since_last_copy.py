"""What changed since the last copy stands in the e-mail and in every format, also where parts were chosen."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from msgspec.structs import replace
from pptx import Presentation
from pptx.shapes.autoshape import Shape
from pypdf import PdfReader

from bilan.delivery.email.headers import Sender
from bilan.delivery.outbox import opened
from bilan.rendering.html_format import HTML
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.pptx_format import PPTX
from bilan.rendering.selection import chosen, chosen_by_report
from bilan.rendering.tables import rows_within
from bilan.rendering.xlsx_format import XLSX
from bilan.reports.since_last_copy import EarlierCopy, figures_of, tell
from bilan.sdk.document import Document, Kpi, Kpis, ParameterValue, Section
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext, Renderer
from fixtures.documents import Contexts
from support.letters import Words
from support.outgoing import message_to, outgoing_report
from support.rendered import as_csv

pytestmark = [pytest.mark.integration, pytest.mark.requirement("GO-04")]
_ = messages("bilan")[0]
SENT = datetime(2026, 3, 9, 8, tzinfo=UTC)


def week(first: str, last: str, orders: int) -> Document:
    """A report of a week with one figure."""
    tile = Kpi(key="orders", label=_("Orders"), value=orders, lead=True)
    return Document(
        kind="shop.sales", title="Sales", as_of="2026-03-16T08:00:00Z", zone="Europe/Paris",
        period=(first, last), blocks=(Kpis("totals", (tile,)),),
    )  # fmt: skip


@pytest.fixture
def told() -> Document:
    """A week of 1,260 after one that was 1,200 when it was sent, and is 1,234 by now."""
    said, by_now = (week("2026-03-02", "2026-03-08", orders) for orders in (1200, 1234))
    copy = EarlierCopy(SENT, said, lambda: by_now)
    return tell(week("2026-03-09", "2026-03-15", 1260), [copy], {})


def rendered(renderer: Renderer, document: Document, context: RenderContext) -> bytes:
    out = io.BytesIO()
    renderer.render(document, context, rows_within, out)
    return out.getvalue()


def test_the_e_mail_says_it_in_both_texts(told: Document, contexts: Contexts):
    sender = Sender("bilan@bilan.example.org", "bilan.example.org")
    content, _attached = message_to(outgoing_report(contexts(), document=told), sender, 10_000_000)
    mail = opened(content)
    for text in (Words(mail.html).text, " ".join(mail.text.split())):
        for said in ("Since the last copy", "1,260", "previously 1,234", "1,234", "previously 1,200"):
            assert said in text
        assert "Restated: 1 figure of days already reported is another by now." in text
        assert "restated, for Mar 2, 2026 to Mar 8, 2026" in text


def test_every_format_says_it(told: Document, contexts: Contexts):
    page = Words(rendered(HTML, told, contexts()).decode()).text
    pdf = PdfReader(io.BytesIO(rendered(PDF, told, contexts())))
    deck = Presentation(io.BytesIO(rendered(PPTX, told, contexts())))
    slides = [
        shape.text_frame.text for one in deck.slides for shape in one.shapes if isinstance(shape, Shape)
    ]
    for text in (page, " ".join(one.extract_text() for one in pdf.pages), " ".join(slides)):
        assert "Since the last copy" in text
        assert {"1,260", "1,234", "1,200"} <= set(text.replace("\n", " ").split())
    assert rendered(XLSX, told, contexts())[:2] == b"PK"
    (lines,) = as_csv(told, rows_within, contexts()).values()
    assert [line[1:] for line in lines[1:]] == [
        ["orders", "Orders", "2026-03-02", "2026-03-08", "1234", "1260"],
        ["orders", "Orders", "2026-03-02", "2026-03-08", "1200", "1234"],
    ]


def test_it_stays_where_parts_were_chosen_and_is_no_figure_of_the_report(told: Document, contexts: Contexts):
    assert [tile.value for tile in figures_of(told).values()] == [1260]
    parts = replace(told, parameters=(ParameterValue("blocks", _("Parts"), ["totals"]),))
    keys = chosen_by_report(parts, contexts())
    assert [type(one) for one in chosen(parts, keys).blocks] == [Kpis, Section]
    # A file of parts that somebody names holds these alone.
    assert [type(one) for one in chosen(parts, ("totals",)).blocks] == [Kpis]


def test_a_provisional_report_says_so_in_the_subject(told: Document, contexts: Contexts):
    sender = Sender("bilan@bilan.example.org", "bilan.example.org")
    outgoing = outgoing_report(contexts(), document=replace(told, provisional=True))
    subject = message_from_bytes(message_to(outgoing, sender, 10_000_000)[0], policy=default)["Subject"]
    assert subject.startswith("Provisional: Sales")
