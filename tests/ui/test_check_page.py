"""Checking a file on the public page: what bilan verify tells of it, without a name."""

from __future__ import annotations

import hashlib

import pytest

from bilan.delivery.models import LedgerEntryRow
from bilan.delivery.public_check import ATTEMPTS
from bilan.runs.values import RenderSpec
from fixtures.mailing import Mailing
from fixtures.pages import Markup, Reader
from support.posting import OLGA, built, sent, to

YES = "This file was made here on "
NO = "This was not made here, or has been changed since, or the report it belongs to was deleted."


def said(page: Markup) -> list[str]:
    """What the page tells of what was checked."""
    return [one for kind in ("success", "warning") for one in page.texts("div", class_=kind)]


@pytest.mark.requirement("GO-08")
async def test_anybody_is_told_whether_a_file_was_made_here_and_nothing_else(
    mailing: Mailing, stranger: Reader
):
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, formats=("csv",)))
    found = await mailing.bilan.services.runs.get(mailing.owner, run.id)
    (artifact,) = found.artifacts
    assert artifact.render_spec == RenderSpec("csv", "en")
    content = await mailing.bilan.services.files.read(artifact.sha256)

    async def asks(sent_file: bytes) -> Markup:
        headers = {"accept": "text/html", "origin": "http://bilan.test"}
        answer = await stranger.client.post("/check", files={"file": ("r.zip", sent_file)}, headers=headers)
        assert answer.status_code == 200
        for secret in ("Olga", OLGA, "Figures of March", str(run.id)):
            assert secret not in answer.text
        return Markup(answer.text)

    (yes,) = said(await asks(content))
    assert yes.startswith(YES)
    assert said(await asks(bytes([content[0] ^ 1]) + content[1:])) == [NO]
    by_hash = Markup((await stranger.sends("/check", {"sha256": artifact.sha256.upper()})).text)
    assert said(by_hash) == [yes]
    entry = await LedgerEntryRow.all().order_by("-sequence").first()
    assert entry is not None
    ledger = Markup((await stranger.sends("/check", {"sha256": entry.hash})).text)
    assert said(ledger)[0].startswith("An entry of the ledger has this hash")
    wrong = await stranger.refused("/check", {"sha256": "no hash"})
    assert wrong.one("p", id="f-sha256-error").said == "A SHA-256 has 64 digits from 0 to 9 and a to f."
    nothing = hashlib.sha256(b"").hexdigest()
    codes = {(await stranger.sends("/check", {"sha256": nothing})).status_code for _time in range(ATTEMPTS)}
    assert codes == {200, 429}
