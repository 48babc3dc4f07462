"""What the setup of an engagement report asks for."""

from __future__ import annotations

import pytest

from fixtures.pages import Reader
from support.report_forms import WEEKLY

NEW = "/reports/new/email.engagement"


@pytest.mark.requirement("BZ-23")
async def test_the_setup_asks_for_a_name_the_compression_the_delimiter_and_the_recipients(
    reader: Reader,
) -> None:
    page = await reader.get(NEW)
    named = {one.attributes.get("name") for tag in ("input", "select") for one in page.all(tag)}
    assert {"name", "compression", "delimiter"} <= named
    offered = {one.attributes.get("value") for tag in ("input", "option") for one in page.all(tag)}
    assert {"zip", "gzip", "none", "comma", "semicolon", "colon", "pipe", "tab"} <= offered
    await reader.goes("/sources/new/email/mailgun", {"name": "Gun", "verify.given": "1"})
    # Recipients are asked for where the report is sent, on the page that its setup leads to.
    sending = await reader.get(await reader.goes(NEW, {**WEEKLY, "then": "send"}))
    assert sending.all("input", name="to")
