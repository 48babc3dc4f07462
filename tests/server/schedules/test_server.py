"""A server by itself: what is scheduled is in the mailbox, once, and its row says so."""

from __future__ import annotations

from datetime import date

import pytest

from bilan.app import Bilan
from bilan.delivery import Mode
from bilan.reports.values import Draft
from bilan.schedules import at_once
from bilan.schedules.values import DeliveryOptions, OccurrenceState, ScheduleDraft, ScheduleState
from bilan.sdk.periods import Period
from bilan.settings import Settings
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.runs import until


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    """A server that mails through the sink."""
    return warehouse_settings.model_copy(update={"mail_url": sink.url})


@pytest.mark.requirement("AP-01", "AP-03", "BZ-30")
async def test_what_is_due_is_in_the_mailbox_without_anybody_doing_anything(
    mailing: Mailing, working: Bilan, sink: Sink
):
    services, olga = working.services, mailing.owner
    saved = await services.reports.create(olga, Draft("News", "email.campaign", {}, ("csv",)))
    days = Period(first=date(2026, 3, 1), last=date(2026, 3, 4))
    draft = ScheduleDraft(
        saved.id,
        at_once(services.clock.now(), "Europe/Paris", days),
        delivery=DeliveryOptions(("csv",), Mode.ATTACH, message="As every week."),
    )
    assert sink.taken == []
    schedule = await services.schedules.create(olga, draft)

    async def over() -> bool:
        page = await services.occurrences.list(olga, schedule.id)
        return all(one.state.final for one in page.occurrences)

    await until(over)
    (sent,) = (await services.occurrences.list(olga, schedule.id)).occurrences
    assert (sent.state, sent.reached, sent.reason) == (OccurrenceState.SENT, 1, None)
    mail = sink.mail_to("olga@example.org")
    (file,) = mail.iter_attachments()
    assert "2026" in (file.get_filename() or "")
    assert "As every week." in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (await services.schedules.get(olga, schedule.id)).state is ScheduleState.ENDED
