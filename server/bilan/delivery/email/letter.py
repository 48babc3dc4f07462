"""What an e-mail says, in order and fully worded: its HTML and its text are rendered from this one value.

A mailbox is no place for long tables, so a letter holds the first rows and the
columns that matter most. Both renderings say what was left out, and hold the same figures.
See docs/decisions/036.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bilan.delivery.email.order import Summary, summary
from bilan.delivery.email.parts import LISTED, Cards, LetterPart, Parts, Picture
from bilan.rendering.about import facts, subtitle
from bilan.rendering.selection import chosen, chosen_by_report
from bilan.rendering.tiles import ShownKpi
from bilan.sdk.channels import OutgoingReport
from bilan.sdk.document import Chart
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import Unit
from bilan.sdk.walk import leaves


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file: behind its link, or attached where ``url`` is empty."""

    name: str
    label: str
    size: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything an e-mail says."""

    language: str
    direction: str
    pair: str
    """How a label and what belongs to it are written in the language: ``{0}: {1}``."""
    workspace: str
    subject: str
    title: str
    subtitle: str
    greeting: str
    message: str
    period: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]
    leading: tuple[ShownKpi, ...]
    notes: tuple[str, ...]
    parts: tuple[LetterPart, ...]
    files: tuple[FileEntry, ...]
    files_note: str
    page: str
    online: str
    basis: tuple[tuple[str, str], ...]
    footer: tuple[str, ...]
    preview: str
    alert: str
    """What must be known first: that it is a test, or that nothing more comes to an unconfirmed address."""
    confirm: tuple[str, str] | None
    """What stands on the button by which the recipient confirms their address, and where it leads."""
    leave: tuple[str, str] | None
    """What stands on the link by which the recipient ends what they get, and where it leads."""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The charts, in order."""
        return tuple(part for part in self.parts if isinstance(part, Picture))

    @property
    def card_pictures(self) -> tuple[str, ...]:
        """The keys of the pictures of cards, each once."""
        cards = (card for part in self.parts if isinstance(part, Cards) for card in part.cards)
        return tuple(dict.fromkeys(card.picture for card in cards if card.picture))

    def named(self, label: str, value: str = "") -> str:
        """What ``label`` names, after it; the label with its colon where the value stands elsewhere."""
        return self.pair.format(label, value).rstrip()


def write_letter(outgoing: OutgoingReport, *, attached: bool, too_large: bool = False) -> Letter:
    """The letter that goes with a report. ``too_large`` says why files asked for are not attached."""
    context, formatter, document = (
        outgoing.render_context,
        outgoing.render_context.formatter,
        outgoing.document,
    )
    say = formatter.text
    # By protected link, no figure leaves with the e-mail.
    blocks = () if outgoing.grant else chosen(document, chosen_by_report(document, context)).blocks
    first = summary(blocks, context)
    charts = sum(isinstance(block, Chart) for _within, block in leaves(blocks))
    parts = tuple(Parts(outgoing, first, LISTED // max(charts, 1)).of(blocks, 2, ""))
    title = say(document.title)
    pair = say(_("{label}: {value}", label="{0}", value="{1}"))
    about = list(facts(document, formatter))
    return Letter(
        language=formatter.language,
        direction=formatter.direction,
        pair=pair,
        workspace=context.workspace,
        subject=_subject(title, outgoing),
        title=title,
        subtitle=subtitle(document, formatter),
        greeting=say(_("{sender} sends you this report.", sender=outgoing.sender)),
        message=outgoing.message,
        period=tuple(about[:-2]),
        findings=tuple(map(say, _opening(outgoing))) if outgoing.grant else first.findings,
        leading=first.tiles,
        notes=() if outgoing.grant else tuple(map(say, document.notes)),
        parts=parts,
        files=tuple(
            FileEntry(
                one.name,
                say(one.label),
                formatter.value(one.size, Unit.BYTES),
                "" if attached else one.url,
            )
            for one in outgoing.files
        ),
        files_note=" ".join(
            filter(None, (_files_note(outgoing, attached, too_large), *_missing_files(outgoing)))
        ),
        page=outgoing.grant or outgoing.page,
        online=say(_("Open the report") if outgoing.grant else _("Read the report online")),
        basis=tuple(about[-2:]),
        footer=tuple(map(say, _footer(outgoing))),
        preview=_preview(first, pair),
        alert=_alert(outgoing),
        confirm=_own(outgoing, _("Confirm my address"), outgoing.confirmation),
        leave=_own(outgoing, _("See what you receive, or unsubscribe"), outgoing.subscription),
    )


def _opening(outgoing: OutgoingReport) -> Iterator[Message]:
    """How a report opens that is sent by protected link."""
    yield _("It opens with the password.")
    if outgoing.password:
        yield Message("{words}", args={"words": outgoing.password})
    else:
        yield _("The password comes in an e-mail of its own.")


def _footer(outgoing: OutgoingReport) -> Iterator[Message]:
    sender = outgoing.sender
    if outgoing.scheduled:
        yield _("{sender} chose you as a recipient of this report, which comes regularly.", sender=sender)
    else:
        yield _("{sender} chose you as a recipient; nothing more comes by itself.", sender=sender)
    if outgoing.page and not outgoing.grant:
        yield _("What the figures mean and where they come from is explained on the page of the report.")


def _alert(outgoing: OutgoingReport) -> str:
    return " ".join(map(outgoing.render_context.formatter.text, _alerts(outgoing)))


def _alerts(outgoing: OutgoingReport) -> Iterator[Message]:
    if outgoing.test:
        yield _("This is a test that {sender} sent to themselves; its links change nothing.",
                sender=outgoing.sender)  # fmt: skip
    elif outgoing.confirmation:
        yield _("Confirm your address to receive the next ones; without that nothing more comes.")
    if outgoing.document.provisional:
        yield _("These figures are provisional: not all of their sources have reported all of the days.")


def _own(outgoing: OutgoingReport, words: Message, address: str) -> tuple[str, str] | None:
    return (outgoing.render_context.formatter.text(words), address) if address else None


def _subject(title: str, outgoing: OutgoingReport) -> str:
    formatter = outgoing.render_context.formatter
    period = outgoing.document.period
    subject = f"{title} · {formatter.period(*period)}" if period else title
    if outgoing.document.provisional:
        subject = formatter.text(_("Provisional: {subject}", subject=subject))
    if outgoing.test:
        subject = formatter.text(_("Test: {subject}", subject=subject))
    # A line break in a header begins the next one.
    return " ".join(subject.split())


def _files_note(outgoing: OutgoingReport, attached: bool, too_large: bool) -> str:
    if outgoing.grant:
        return outgoing.render_context.formatter.text(_link_lasts(outgoing))
    if not outgoing.files:
        return ""
    formatter = outgoing.render_context.formatter
    say, count = formatter.text, len(outgoing.files)
    if attached:
        return say(
            ngettext(
                "The file is attached to this e-mail.", "The files are attached to this e-mail.", count=count
            )
        )
    sentences = [_links_last(outgoing)]
    if too_large:
        sentences.insert(
            0,
            ngettext(
                "The file is too large for an e-mail, so here is a link to it.",
                "The files are too large for an e-mail, so here are links to them.",
                count=count,
            ),
        )
    return " ".join(map(say, sentences))


def _link_lasts(outgoing: OutgoingReport) -> Message:
    """How long a protected link opens."""
    if outgoing.links_until is None:
        return ngettext(
            "The link is yours alone; it opens for one day after this was sent.",
            "The link is yours alone; it opens for {count} days after this was sent.",
            count=outgoing.links_days,
        )
    until = _until(outgoing.links_until, outgoing)
    return _("The link is yours alone; it opens until {until}.", until=until)


def _until(moment: datetime, outgoing: OutgoingReport) -> str:
    formatter = outgoing.render_context.formatter
    until = formatter.value(moment, Unit.INSTANT)
    # A moment written from the right may stand in a sentence that has no translation.
    rtl = formatter.direction == "rtl"
    return f"\N{FIRST STRONG ISOLATE}{until}\N{POP DIRECTIONAL ISOLATE}" if rtl else until


def _links_last(outgoing: OutgoingReport) -> Message:
    if outgoing.links_until is None:
        return ngettext(
            "Links work without a sign-in for one day after this was sent.",
            "Links work without a sign-in for {count} days after this was sent.",
            count=outgoing.links_days,
        )
    until = _until(outgoing.links_until, outgoing)
    return ngettext(
        "The link works without a sign-in until {until}.",
        "The links work without a sign-in until {until}.",
        count=len(outgoing.files),
        until=until,
    )


def _missing_files(outgoing: OutgoingReport) -> Iterator[str]:
    """Of which formats there is no file."""
    for label in outgoing.without:
        said = _("There is no {format} file: the report has no table to put in it.", format=label)
        yield outgoing.render_context.formatter.text(said)


def _preview(first: Summary, pair: str) -> str:
    """What a mailbox shows beside the subject: the finding, and the first figures."""
    return " · ".join(
        (*first.findings[:1], *(pair.format(tile.label, tile.value) for tile in first.tiles[:4]))
    )
