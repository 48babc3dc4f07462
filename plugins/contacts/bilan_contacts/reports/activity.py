"""The contact report: what one contact did and went through in a period, whichever source tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bilan.sdk import (
    AllOf,
    Answer,
    AnyOf,
    Between,
    Block,
    Building,
    Choice,
    Condition,
    In,
    Is,
    Kpi,
    Kpis,
    Message,
    Not,
    Notice,
    Order,
    Parameter,
    ParameterKind,
    QueryClient,
    Question,
    Report,
    ReportKind,
    ReportRequest,
    Table,
    TableColumn,
    Unit,
    Value,
    Values,
    plain_value,
    section,
)
from bilan_contacts.textdomain import _, ngettext
from bilan_contacts.vocabulary import ACTIVITY, NAMESPACE

RECEIVED = ("sent", "delivered")
"""Actions with which a message reaches its contact."""
COUNT = "contact.actions"
"""The core's metric of how many actions there are."""
LISTED = 20
"""Other addresses that a notice names."""
COLUMNS = ("occurred_at", "category", "subject", "action", "detail", "source")


@dataclass(frozen=True)
class Selection:
    """The contact's actions that were asked for, with or without those in archived campaigns."""

    chosen: Condition
    archived: Condition
    with_archived: bool

    @property
    def shown(self) -> Condition:
        """The actions that the report shows."""
        return self.chosen if self.with_archived else AllOf((self.chosen, Not(self.archived)))


def build(request: ReportRequest, building: Building) -> Report:
    """How much the contact did, and every action in a row, the newest first."""
    contact = request["contact"]
    selection = _selection(request, building)
    parts = (
        section("overview", _("Overview"), lambda: _overview(contact, building, selection)),
        section("actions", _("Actions"), lambda: _actions(building, selection)),
    )
    return Report(contact, parts, subtitle=_("Contact report"))


def _selection(request: ReportRequest, building: Building) -> Selection:
    of_contact = Is("contact", request["contact"])
    conditions: list[Condition] = [of_contact]
    if request["actions"]:
        conditions.append(AnyOf(tuple(map(_of_choice, request["actions"]))))
    if request["after"]:
        conditions.append(_after(building, of_contact, request["after"]))
    return Selection(AllOf(tuple(conditions)), _archived(building, of_contact), request["archived"])


def _of_choice(choice: str) -> Condition:
    category, _dot, action = choice.partition(".")
    in_category = Is("category", category)
    return AllOf((in_category, Is("action", action))) if action else in_category


def _after(building: QueryClient, of_contact: Condition, subject: str) -> Condition:
    """What came after the contact first received the campaign."""
    received = AllOf((of_contact, Is("subject", subject), In("action", RECEIVED)))
    extent = building.extent(ACTIVITY, where=received)
    return AnyOf(()) if extent is None else Between("occurred_at", low=extent[0])


def _archived(building: QueryClient, of_contact: Condition) -> Condition:
    """The contact's actions whose subject is archived by now.

    Campaigns are archived long after their messages were sent, so this is looked up and never stored with an
    action; what a source itself told as archived is so, too.
    """
    found: list[Condition] = [Is("archived", value=True)]
    for category in building.activities.values():
        if (archive := category.archive) is None:
            continue
        where = AllOf((of_contact, Is("category", category.key)))
        named = {row["subject_key"] for row in building.rows(ACTIVITY, ("subject_key",), where=where)} - {""}
        looked_up = AllOf((Is(archive.flag, value=True), In(archive.key, tuple(sorted(named)))))
        rows = building.rows(archive.dataset, ("source", archive.key), where=looked_up) if named else ()
        found.extend(
            AllOf((Is("category", category.key), Is("source", source), Is("subject_key", key)))
            for source, key in sorted({(str(row["source"]), row[archive.key]) for row in rows})
        )
    return AnyOf(tuple(found))


def _listed(others: Sequence[str]) -> str:
    """The first of them; a person has a few, and who was merged by mistake has any number."""
    more = "" if len(others) <= LISTED else f" … (+{len(others) - LISTED})"
    return ", ".join(others[:LISTED]) + more


def _overview(contact: str, building: Building, selection: Selection) -> Iterator[Block]:
    answer = _counted(building, selection.shown)
    count = answer.totals[COUNT]
    tile = Kpi(key="actions", label=_("Actions"), value=count, lead=True, metric=COUNT)
    yield Kpis("figures", (tile,), answer.origin)
    if others := [one for one in building.addresses(contact) if one != contact]:
        yield Notice(_("Actions under other addresses of the same person are among these: {others}.",
                       others=_listed(others)))  # fmt: skip
    if building.extent(ACTIVITY, where=Is("contact", contact)) is None:
        yield Notice(_("No source knows {contact}.", contact=contact))
    elif not count:
        yield Notice(_("Nothing that was asked for happened in this period."))
    left_out = 0
    if not selection.with_archived:
        left_out = _counted(building, AllOf((selection.chosen, selection.archived))).totals[COUNT]
    if left_out:
        yield Notice(_left_out(left_out))


def _left_out(count: int) -> Message:
    return ngettext(
        "One action in an archived campaign is left out; tick “Also search archived campaigns” to see it.",
        "{count:count} actions in archived campaigns are left out; tick “Also search archived campaigns” to "
        "see them.",
        count=count,
    )


def _counted(building: Building, where: Condition) -> Answer:
    return building(Question(ACTIVITY, (COUNT,), building.span, where=where))


def _actions(building: Building, selection: Selection) -> Iterator[Table]:
    """Read row by row, however many there are."""
    found = building.rows(
        ACTIVITY, COLUMNS, span=building.span, where=selection.shown, order=(Order("occurred_at"),)
    )
    columns = [one for one in _columns(building) if one.key != "source" or len(building.names) > 1]
    table = Table(key="actions", title=_("Actions"), columns=tuple(columns), file="actions")
    rows: Iterator[list[Value]] = (
        [
            building.names.get(str(row["source"]), "") if one.key == "source" else plain_value(row[one.key])
            for one in columns
        ]
        for row in found
    )
    yield building.keep(table, rows)


def _columns(building: Building) -> tuple[TableColumn, ...]:
    activities = building.activities.values()
    words = {action: label for one in activities for action, label in one.actions.items()}
    return (
        TableColumn(key="occurred_at", label=_("When"), unit=Unit.INSTANT),
        TableColumn(key="category", label=_("Category"), names={one.key: one.label for one in activities}),
        TableColumn(key="subject", label=_("Campaign or subject"), personal=True),
        TableColumn(key="action", label=_("Action"), names=words),
        TableColumn(key="detail", label=_("Details"), personal=True),
        TableColumn(key="source", label=_("Source")),
    )


def _offered(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
    """The actions by category: those that plugins name, and those that there are besides."""
    found: list[Choice] = []
    others = [one for one in client.values(ACTIVITY, "category") if one not in client.activities]
    for key in (*client.activities, *others):
        declared = client.activities.get(key)
        label: Message | str = declared.label if declared else key
        named = declared.actions if declared else {}
        unnamed = client.values(ACTIVITY, "action", where=Is("category", key))
        actions = {**named, **{one: one for one in unnamed if one not in named}}
        found.append(Choice(key, _("Select all"), label, whole=True))
        found.extend(Choice(f"{key}.{action}", name, label) for action, name in actions.items())
    return tuple(found)


def _received(client: QueryClient, values: Values) -> tuple[Choice, ...]:
    """The campaigns that the contact received."""
    contact = values.get("contact")
    if not contact:
        return ()
    where = AllOf((Is("contact", contact), Is("category", "campaign"), In("action", RECEIVED)))
    subjects = {row["subject"] for row in client.rows(ACTIVITY, ("subject",), where=where)}
    return tuple(Choice(one, one) for one in sorted(subjects) if one)


CONTACT_REPORT = ReportKind(
    key=f"{NAMESPACE}.activity",
    label=_("Contact report"),
    page=_("Contact report"),
    description=_("What one contact did and went through, whichever source tells of it."),
    parameters=(
        Parameter(
            "contact", _("Address of the contact"), ParameterKind.CONTACT, required=True,
            help=_("An e-mail address, or a phone number with its country’s code."),
        ),
        Parameter(
            "actions", _("Actions"), ParameterKind.CHOICES, default=(), choices=_offered,
            help=_("Without a choice, all of them."),
        ),
        Parameter(
            "after", _("Only what came after receiving"), ParameterKind.CHOICE, choices=_received,
            depends_on=("contact",), help=_("A campaign that the contact received."),
        ),
        Parameter(
            "archived", _("Also search archived campaigns"), ParameterKind.FLAG, default=False,
            help=_("It takes longer, the more archived campaigns there are. A long period takes longer, too, "
                   "and is harder to read: keep it as short as you can."),
        ),
    ),
    build=build,
    datasets=(ACTIVITY,),
    personal=True,
    common=("period",),
    one_at_a_time=True,
    named_by="contact",
)  # fmt: skip
