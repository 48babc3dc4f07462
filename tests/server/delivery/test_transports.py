"""What takes e-mails away: the outbox and a mail server keep the same contract; servers may misbehave."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path

import psutil
import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bilan.delivery.email.channel import Mailer, OutboxMailer
from bilan.delivery.email.connection import Server, server_at
from bilan.delivery.email.smtp import SmtpMailer
from bilan.sdk.channels import DeliveryStatus, RawMessage
from bilan.sdk.errors import Cancelled, Invalid
from bilan.sdk.messages import messages
from fixtures.smtp import Listening, Sink
from support.ports import ReservedPort
from support.runs import until

_ = messages("bilan")[0]

MAIL = RawMessage(
    "1", "bilan@example.org", "zoe@example.org", b"Subject: Figures\r\n\r\n.\r\n..two\r\nend\r\n", False
)


@dataclass
class Witness:
    """Knows when the content leaves."""

    left: int = 0
    refuses: bool = False

    async def __call__(self) -> None:
        if self.refuses:
            raise Cancelled(_("The run was cancelled."))
        self.left += 1


@dataclass
class Memory:
    """An outbox without a disk."""

    kept: list[RawMessage] = field(default_factory=list[RawMessage])

    async def __call__(self, message: RawMessage) -> None:
        self.kept.append(message)


@dataclass
class Taker:
    """A transport and a way to see what it took."""

    transport: Mailer
    sink: Sink
    memory: Memory

    @property
    def taken(self) -> list[tuple[str, str, bytes]]:
        return [*self.sink.taken, *((one.sender, one.recipient, one.content) for one in self.memory.kept)]


@pytest.fixture
async def mailer(sink: Sink) -> AsyncGenerator[SmtpMailer]:
    """Sends through the sink."""
    async with aclosing(SmtpMailer(server_at(sink.url), "bilan.example.org")) as made:
        yield made


@pytest.fixture(params=["smtp", "outbox"])
def taker(request: pytest.FixtureRequest, sink: Sink, mailer: SmtpMailer) -> Taker:
    memory = Memory()
    return Taker(mailer if request.param == "smtp" else OutboxMailer(memory), sink, memory)


async def test_the_content_arrives_byte_for_byte_and_leaves_once(taker: Taker):
    witness = Witness()
    receipt = await taker.transport.send(MAIL, witness)
    assert (receipt.status, bool(receipt.answer), witness.left) == (DeliveryStatus.ACCEPTED, True, 1)
    assert taker.taken == [(MAIL.sender, MAIL.recipient, MAIL.content)]


async def test_what_must_not_leave_does_not_leave(taker: Taker):
    with pytest.raises(Cancelled):
        await taker.transport.send(MAIL, Witness(refuses=True))
    assert taker.taken == []


async def test_letters_beyond_ascii_in_addresses_arrive(taker: Taker):
    odd = replace(MAIL, recipient="zoë@bücher.example")
    assert (await taker.transport.send(odd, Witness())).status is DeliveryStatus.ACCEPTED
    assert taker.taken[0][1] == "zoë@bücher.example"


async def test_a_domain_of_any_letters_has_a_form_that_every_server_takes(sink: Sink, mailer: SmtpMailer):
    await mailer.send(replace(MAIL, recipient="zoe@bücher.example"), Witness())
    assert sink.tried == ["zoe@xn--bcher-kva.example"]


@pytest.mark.requirement("GO-01")
@pytest.mark.parametrize(
    ("when", "answer", "status", "left"),
    [
        ("before", "550 no such mailbox", DeliveryStatus.REFUSED, 0),
        ("before", "451 come back later", DeliveryStatus.LATER, 0),
        ("before", "drop", DeliveryStatus.LATER, 0),
        ("during", "554 not with that content", DeliveryStatus.REFUSED, 1),
        ("during", "452 no room now", DeliveryStatus.LATER, 1),
        ("during", "drop", DeliveryStatus.UNKNOWN, 1),
        ("after", "drop", DeliveryStatus.UNKNOWN, 1),
        ("during", "200 fine", DeliveryStatus.ACCEPTED, 1),
        ("during", "354 go on", DeliveryStatus.UNKNOWN, 1),
        ("during", "fine, thanks", DeliveryStatus.UNKNOWN, 1),
    ],
)
async def test_only_an_answer_tells_what_became_of_it(
    sink: Sink, mailer: SmtpMailer, when: str, answer: str, status: DeliveryStatus, left: int
):
    sink.answers[MAIL.recipient, when] = answer
    witness = Witness()
    receipt = await mailer.send(MAIL, witness)
    assert (receipt.status, witness.left) == (status, left)
    if answer[:3].isdigit():
        assert receipt.answer == answer


@pytest.mark.requirement("GO-11")
@pytest.mark.parametrize(
    ("moment", "answer", "about_the_address"),
    [
        ("before", "550 no such mailbox", True),
        ("before", "550 5.1.1 <zoe@example.org>: unknown user", True),
        ("before", "556 5.1.10 this domain takes no mail", True),
        ("before", "550 5.2.1 mailbox disabled", True),
        ("before", "550 5.7.1 your server is on a list", False),
        ("before", "554 5.7.1 relay access denied", False),
        ("before", "552 5.2.2 mailbox full", False),
        ("before", "554 no", False),
        ("before", "450 4.1.1 come back later", False),
        ("during", "550 5.1.1 unknown user", True),
        ("during", "550 looks like spam", False),
        ("during", "552 message too large", False),
    ],
)
async def test_a_refusal_says_whether_it_is_about_the_address_itself(
    sink: Sink, mailer: SmtpMailer, moment: str, answer: str, about_the_address: bool
):
    sink.answers[MAIL.recipient, moment] = answer
    receipt = await mailer.send(MAIL, Witness())
    assert receipt.address_refused is about_the_address
    assert receipt.answer == answer


async def test_a_server_that_is_not_there_or_says_nothing_is_one_for_later(sink: Sink):
    reserved = ReservedPort()
    nobody = Server("127.0.0.1", reserved.number)
    assert (await SmtpMailer(nobody, "x.example").send(MAIL, Witness())).status is DeliveryStatus.LATER
    enough = asyncio.Event()

    async def silence(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await enough.wait()
        writer.close()
        await writer.wait_closed()

    silent = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    transport = SmtpMailer(Server("127.0.0.1", port, tls="never"), "x.example", seconds=0.2)
    assert (await transport.send(MAIL, Witness())).status is DeliveryStatus.LATER
    enough.set()
    silent.close()
    await asyncio.sleep(0.05)
    await silent.wait_closed()


@pytest.mark.integration
async def test_a_silent_server_is_waited_for_once_by_those_who_come_together():
    called, enough = 0, asyncio.Event()

    async def silence(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal called
        called += 1
        await enough.wait()
        writer.close()

    silent = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    server = Server("127.0.0.1", port, tls="never")
    mailer = SmtpMailer(server, "x.example", seconds=0.2)
    receipts = await asyncio.gather(*(mailer.send(mail_to(number), Witness()) for number in range(20)))
    assert {(one.status, one.answer) for one in receipts} == {(LATER, receipts[0].answer)}
    assert called == 1
    # Those who come later call again.
    impatient = SmtpMailer(server, "x.example", seconds=0.2, silent=0.0)
    assert await sent(impatient, 1, 2) == [LATER, LATER]
    assert called == 3
    enough.set()
    silent.close()
    await asyncio.sleep(0.05)
    await silent.wait_closed()


# ---- certificates and passwords -----------------------------------------------------------------


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class Guarded(Sink):
    """A mail server that wants a password, over a connection that nobody reads."""

    passwords: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    pem: Path = Path()
    port: int = 0


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    made = Guarded(pem=certificate(tmp_path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.pem)

    def check(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        given = (data.login, data.password)  # type: ignore[attr-defined]
        made.passwords.append(given)
        return AuthResult(success=given == (b"bilan", b"p@ss"), handled=False)

    controller = Listening(
        made, tls_context=context, authenticator=check,
        auth_required=True, auth_require_tls=True, require_starttls=True,
    )  # fmt: skip
    controller.start()
    made.port = controller.port
    yield made
    controller.stop()


@pytest.mark.integration
async def test_a_password_goes_over_a_checked_connection_alone(guarded: Guarded):
    ours = f"smtp://bilan:p%40ss@127.0.0.1:{guarded.port}"
    stranger = await SmtpMailer(server_at(ours), "x.example").send(MAIL, Witness())
    assert (stranger.status, guarded.passwords) == (DeliveryStatus.LATER, [])
    assert "certificate verify failed" in stranger.answer
    async with aclosing(SmtpMailer(server_at(f"{ours}?ca={guarded.pem}"), "x.example")) as mailer:
        trusted = await mailer.send(MAIL, Witness())
    assert (trusted.status, guarded.passwords) == (DeliveryStatus.ACCEPTED, [(b"bilan", b"p@ss")])
    wrong = server_at(f"smtp://bilan:wrong@127.0.0.1:{guarded.port}?ca={guarded.pem}")
    assert (await SmtpMailer(wrong, "x.example").send(MAIL, Witness())).status is DeliveryStatus.LATER


async def test_nothing_stays_open_once_the_mailer_is_closed_or_idle(guarded: Guarded, sink: Sink):
    encrypted = server_at(f"smtp://bilan:p%40ss@127.0.0.1:{guarded.port}?ca={guarded.pem}")
    for server in (encrypted, server_at(sink.url)):
        closed, idle = SmtpMailer(server, "x.example"), SmtpMailer(server, "x.example", idle=0.05)
        for mailer in (closed, idle):
            assert (await mailer.send(MAIL, Witness())).status is DeliveryStatus.ACCEPTED
        assert len(lines_to(server.port)) == 2
        await closed.aclose()
        port = server.port

        async def ended() -> bool:
            return not lines_to(port)  # noqa: B023 - waited for within the round

        await until(ended)
        await idle.aclose()


def lines_to(port: int) -> list[object]:
    """The connections of this process to a port."""
    ours = [one for one in psutil.Process().net_connections("tcp") if one.raddr]
    return [one for one in ours if one.raddr.port == port]


# ---- many messages over one connection ------------------------------------------------------------


def mail_to(number: int) -> RawMessage:
    return replace(MAIL, ident=str(number), recipient=f"p{number}@example.org")


async def sent(mailer: SmtpMailer, *numbers: int) -> list[DeliveryStatus]:
    return [(await mailer.send(mail_to(number), Witness())).status for number in numbers]


ACCEPTED, REFUSED, LATER, UNKNOWN = (
    DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED, DeliveryStatus.LATER, DeliveryStatus.UNKNOWN,
)  # fmt: skip


async def test_ten_recipients_take_one_connection_also_at_the_same_time(sink: Sink, mailer: SmtpMailer):
    assert await sent(mailer, *range(5)) == [ACCEPTED] * 5
    await asyncio.gather(*(sent(mailer, number) for number in range(5, 10)))
    assert (len(sink.taken), sink.connections) == (10, 1)
    assert {to for _from, to, _content in sink.taken} == {f"p{number}@example.org" for number in range(10)}


async def test_a_refused_recipient_leaves_the_connection_to_the_next(sink: Sink, mailer: SmtpMailer):
    sink.answers["p1@example.org", "before"] = "550 no such mailbox"
    sink.answers["p2@example.org", "before"] = "451 come back later"
    sink.answers["p3@example.org", "during"] = "554 not with that content"
    assert await sent(mailer, 0, 1, 2, 3, 4) == [ACCEPTED, REFUSED, LATER, REFUSED, ACCEPTED]
    assert sink.connections == 1


async def test_a_server_that_hangs_up_between_two_messages_is_called_again(sink: Sink, mailer: SmtpMailer):
    assert await sent(mailer, 0) == [ACCEPTED]
    sink.hang_up()
    assert await sent(mailer, 1) == [ACCEPTED]
    assert [to for _from, to, _content in sink.taken] == ["p0@example.org", "p1@example.org"]
    assert sink.connections == 2


async def test_a_server_that_has_had_enough_of_a_connection_gets_another(sink: Sink, mailer: SmtpMailer):
    sink.most = 2
    assert await sent(mailer, *range(5)) == [ACCEPTED] * 5
    assert (len(sink.taken), sink.connections) == (5, 3)


async def test_a_connection_is_never_used_again_after_an_end_that_nobody_knows(
    sink: Sink, mailer: SmtpMailer
):
    assert await sent(mailer, 0) == [ACCEPTED]
    sink.answers["p1@example.org", "after"] = "drop"
    assert await sent(mailer, 1, 2) == [UNKNOWN, ACCEPTED]
    assert sink.connections == 2
    assert sink.tried == ["p0@example.org", "p1@example.org", "p2@example.org"]


async def test_a_connection_that_breaks_at_the_recipient_is_tried_anew_once(sink: Sink, mailer: SmtpMailer):
    sink.answers["p1@example.org", "before"] = "drop"
    assert await sent(mailer, 0, 1, 2) == [ACCEPTED, LATER, ACCEPTED]
    assert sink.tried == ["p0@example.org", "p1@example.org", "p1@example.org", "p2@example.org"]


async def test_a_connection_ends_after_so_many_messages(
    sink: Sink, mailer: SmtpMailer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.delivery.email.smtp.MESSAGES", 3)
    assert await sent(mailer, *range(7)) == [ACCEPTED] * 7
    assert sink.connections == 3


async def test_a_server_without_encryption_gets_no_password(sink: Sink):
    url = sink.url.replace("smtp://", "smtp://bilan:secret@").replace("never", "require")
    receipt = await SmtpMailer(server_at(url), "x.example").send(MAIL, Witness())
    assert (receipt.status, sink.tried) == (DeliveryStatus.LATER, [])
    assert "STARTTLS" in receipt.answer


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", Server("mail.example.org", 25)),
        ("smtps://mail.example.org", Server("mail.example.org", 465, implicit=True)),
        (
            "smtp://a%40b:p%3Aw@mail.example.org:587",
            Server("mail.example.org", 587, tls="require", user="a@b", password="p:w"),
        ),
        ("smtp://10.0.0.1:2525?tls=never", Server("10.0.0.1", 2525, tls="never")),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, expected: Server):
    assert server_at(url) == expected
    assert "p:w" not in repr(server_at(url))


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://x:port", "smtp://x?tls=maybe", "mail.org"])
def test_an_address_that_is_none_is_refused_with_what_would_be_right(url: str):
    with pytest.raises(Invalid, match="BILAN_MAIL_URL must be like smtp://"):
        server_at(url)


@pytest.mark.parametrize(("taken", "connections"), [(1000, 3), (1, 1)])
async def test_messages_leave_side_by_side_over_as_many_connections_as_the_server_takes(
    sink: Sink, taken: int, connections: int
):
    sink.at_once = taken
    async with aclosing(SmtpMailer(server_at(sink.url), "x.example", connections=3)) as mailer:
        receipts = await asyncio.gather(*(mailer.send(mail_to(number), Witness()) for number in range(9)))
        assert {one.status for one in receipts} == {DeliveryStatus.ACCEPTED}
        assert len(mailer._kept) == connections
    assert sorted(recipient for _sender, recipient, _content in sink.taken) == sorted(
        mail_to(number).recipient for number in range(9)
    )
