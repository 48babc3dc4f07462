"""What the setup of an engagement report asks for."""

from __future__ import annotations

import pytest
from httpx2 import AsyncClient

from bilan.accounts import Principal
from bilan.app import Bilan
from bilan.http.identity import COOKIE

PASSWORD = "a long pass phrase"


@pytest.mark.requirement("BZ-23")
async def test_the_setup_asks_for_a_name_the_compression_and_the_delimiter(
    bilan: Bilan, owner: Principal, browser: AsyncClient
) -> None:
    # Recipients join them with the sending of reports.
    services = bilan.services
    assert owner.person is not None
    await services.accounts.set_password(await services.accounts.operator(), owner.person, PASSWORD)
    signed = await services.sessions.sign_in(owner.email, PASSWORD, ip="127.0.0.1")
    browser.cookies.set(COOKIE, signed.token)
    page = (await browser.get("/reports/new/email.engagement")).text
    for field in ("name", "compression", "delimiter"):
        assert f'name="{field}"' in page
    for choice in ("zip", "gzip", "none", "comma", "semicolon", "colon", "pipe", "tab"):
        assert f'value="{choice}"' in page
