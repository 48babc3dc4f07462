"""What somebody with bad intentions writes into names, messages and answers stays words."""

from __future__ import annotations

import pytest

from bilan.accounts import SourceRole
from bilan.accounts.models import Person, Workspace
from bilan.delivery import DeliveryState, Mode
from bilan.sdk.errors import Invalid, NotFound
from bilan.settings import Settings
from bilan.work.models import JobRow
from fixtures.bilan import Query
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import OLGA, built, ledger, sent, to

EVIL = "<script>alert(1)</script>\r\nBcc: eve@elsewhere.example\r\n\r\nX"


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    """A server that mails through the sink."""
    return warehouse_settings.model_copy(update={"mail_url": sink.url, "base_url": "http://bilan.test"})


async def test_names_with_headers_and_marks_in_them_stay_names(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    await JobRow.filter(id=run.id).update(title=EVIL)
    await Workspace.all().update(name=EVIL)
    await Person.filter(email=OLGA).update(name=EVIL)
    mailing.owner = await mailing.again(mailing.owner.person)
    await sent(mailing, run, to(OLGA, message=EVIL, mode=Mode.ATTACH))
    mail = sink.mail_to(OLGA)
    assert (mail["Bcc"], mail["X"]) == (None, None)
    assert [one for _from, one, _content in sink.taken] == [OLGA]
    for header in ("Subject", "From", "To", "Reply-To"):
        assert "\n" not in str(mail[header])
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    (file,) = mail.iter_attachments()
    assert not set('\r\n"<>/') & set(file.get_filename() or "")


@pytest.mark.parametrize("message", ["a\0b", "a\ud800b"])
async def test_a_message_that_no_database_keeps_is_refused_with_its_field(mailing: Mailing, message: str):
    run = await built(mailing)
    with pytest.raises(Invalid) as refused:
        await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA, message=message))
    assert refused.value.path == ("message",)
    with pytest.raises(Invalid) as refused:
        await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA, key=message))
    assert refused.value.path == ("key",)


async def test_what_a_mail_server_says_is_kept_without_what_cannot_be_kept(mailing: Mailing, sink: Sink):
    sink.answers[OLGA, "during"] = "550 no\tsuch \x1b[31mbox " + "x" * 450
    run = await built(mailing)
    await sent(mailing, run, to(OLGA))
    row = (await ledger(mailing, run))[OLGA]
    assert row.state is DeliveryState.REFUSED
    assert row.answer is not None
    assert row.answer.startswith("550 no such [31mbox xxx")
    await mailing.bilan.ledger.settle(row.id, 1, DeliveryState.ACCEPTED, answer="250 \0 taken")


async def test_nothing_of_another_workspace_can_be_sent_or_decided(mailing: Mailing, asking: Query):
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    services = mailing.bilan.services
    zoe = await mailing.person("Zoe", shop=SourceRole.ADMIN, lab=SourceRole.ADMIN)
    await JobRow.filter(id=run.id).update(workspace=mailing.shop.id)
    for act in (
        services.deliveries.preview(zoe, run.id, to("zoe@example.org")),
        services.deliveries.send_run(zoe, run.id, to("zoe@example.org")),
        services.deliveries.list(zoe, run.id),
        services.resolve_unknown.resend(zoe, sending.deliveries[0].id),
        services.resolve_unknown.mark_delivered(zoe, sending.deliveries[0].id),
    ):
        with pytest.raises(NotFound):
            await act
