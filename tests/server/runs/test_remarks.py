"""What a source's service no longer gives is told beside the figures of every report over it."""

from __future__ import annotations

import pytest

from bilan.sdk.messages import messages
from bilan.sources.models import SourceRow
from fixtures.mailing import Mailing
from support.posting import built

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

_ = messages("bilan")[0]


async def test_a_note_of_a_source_stands_in_reports_over_it_with_its_name(mailing: Mailing) -> None:
    await SourceRow.filter(id=mailing.shop.id).update(notes=[_("Opens are told no more.")])

    run = await built(mailing)

    document = await mailing.bilan.services.runs.document(mailing.owner, run.id)
    assert str(document.notes[-1]) == "Shop: Opens are told no more."
