"""Documents of earlier versions are read in the words of today."""

from __future__ import annotations

import json
from typing import Any

from bilan.sdk.document import Chart, Custom, Definition, Kpis, Table, decode, encode
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit

RATE = {"id": "Opened by {rate:share}, by {share:share} more.", "domain": "email", "args": {"rate": 0.5}}
FIRST: dict[str, Any] = {
    "kind": "email.campaign",
    "title": "Share of {what:share}",
    "as_of": "2026-03-31T22:00:00Z",
    "zone": "Europe/Paris",
    "blocks": [
        {
            "type": "kpis",
            "key": "rates",
            "tiles": [{"key": "r", "label": RATE, "value": 0.5, "unit": "share"}],
            "headline": {
                "id": "{note}", "args": {"note": RATE, "unit": "share"}, "plural": "{note}, {x:share}",
            },
        },
        {
            "type": "chart", "key": "c", "kind": "line", "title": "C", "description": RATE,
            "categories": ["share"], "series": [], "unit": "share",
        },
        {
            "type": "table",
            "key": "links",
            "title": "Links",
            "columns": [
                {"key": "behind", "label": "Link"},
                {"key": "share", "label": "Share", "unit": "share", "behind": "email.clicks"},
            ],
            "rows": [["share", {"value": 0.25, "mark": "red_flag", "note": RATE}]],
        },
        {
            "type": "custom",
            "kind": "email.gauge",
            "key": "g",
            "data": {"unit": "share", "behind": ["share"]},
            "table": {"type": "table", "key": "t", "title": "T", "columns": [], "rows": []},
        },
    ],
    "definitions": [
        {
            "key": "email.open_rate", "label": RATE, "description": RATE, "formula": RATE,
            "version": 2, "unit": "share",
        }
    ],
}  # fmt: skip


def test_a_document_of_the_first_version_is_read_in_the_words_of_today() -> None:
    document = decode(json.dumps(FIRST))

    kpis, chart, links, custom = document.blocks
    assert isinstance(kpis, Kpis)
    assert isinstance(chart, Chart)
    assert isinstance(links, Table)
    assert isinstance(custom, Custom)
    said = Message("Opened by {rate:proportion}, by {share:proportion} more.", "email", {"rate": 0.5})
    assert (kpis.tiles[0].unit, kpis.tiles[0].label) == (Unit.PROPORTION, said)
    assert kpis.headline == Message(
        "{note}", "bilan", {"note": said, "unit": "share"}, "{note}, {x:proportion}"
    )
    assert (chart.unit, chart.categories) == (Unit.PROPORTION, ["share"])
    assert [(column.key, column.drilldown) for column in links.columns] == [
        ("behind", None),
        ("share", "email.clicks"),
    ]
    assert links.rows[0][0] == "share"
    assert links.rows[0][1].note == said  # type: ignore[union-attr]
    assert document.definitions == (
        Definition(
            key="email.open_rate", label=said, description=said, formula=said,
            version=2, unit=Unit.PROPORTION,
        ),
    )  # fmt: skip


def test_data_stays_as_it_is() -> None:
    document = decode(json.dumps(FIRST))

    assert document.title == "Share of {what:share}"
    assert document.blocks[3].data == {"unit": "share", "behind": ["share"]}  # type: ignore[union-attr]


def test_a_document_says_its_version_and_is_read_back_to_the_same() -> None:
    document = decode(json.dumps(FIRST))

    written = encode(document)

    assert json.loads(written)["version"] == 2
    assert decode(written) == document
    assert decode(written.decode()) == document
