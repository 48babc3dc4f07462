"""What the setup of an engagement report asks for."""

from __future__ import annotations

import pytest
from httpx2 import AsyncClient

from bilan.http.identity import COOKIE


@pytest.mark.requirement("BZ-23")
async def test_the_setup_asks_for_a_name_the_compression_and_the_delimiter(
    browser: AsyncClient, owner_session: str
) -> None:
    # Recipients join them with the sending of reports.
    browser.cookies.set(COOKIE, owner_session)
    page = (await browser.get("/reports/new/email.engagement")).text
    for field in ("name", "compression", "delimiter"):
        assert f'name="{field}"' in page
    for choice in ("zip", "gzip", "none", "comma", "semicolon", "colon", "pipe", "tab"):
        assert f'value="{choice}"' in page
