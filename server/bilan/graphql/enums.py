"""The house's enums as the schema's, with what each value means. Types take them from here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from bilan.accounts.values import Permission, Scope, SourceRole, WorkspaceRole
from bilan.contacts import Reimport
from bilan.delivery.values import DeliveryState, FileContent, Mode
from bilan.delivery.webhook.targets import WebhookForm
from bilan.i18n import DateFormat, TimeFormat
from bilan.merges.values import MergeKind
from bilan.recipients.values import Audience, FirstEmail, RecipientKind, RecipientState
from bilan.runs.values import Purpose
from bilan.schedules import CatchUp, DoubledHour, MissingHour, Rhythm
from bilan.schedules.approval import Unanswered
from bilan.schedules.condition import SendConditionKind
from bilan.schedules.freshness import WhenStale
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.document import ChartKind, Mark
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.periods import Compare, IntervalUnit, Preset
from bilan.sdk.units import Unit
from bilan.shares.event_kinds import ShareEventKind
from bilan.work import State

__all__ = [
    "Audience",
    "CatchUp",
    "ChartKind",
    "Compare",
    "DateFormat",
    "DeliveryState",
    "DoubledHour",
    "FileContent",
    "FirstEmail",
    "IntervalUnit",
    "Mark",
    "MergeKind",
    "MissingHour",
    "Mode",
    "OccurrenceState",
    "ParameterKind",
    "Permission",
    "Preset",
    "Purpose",
    "RecipientKind",
    "RecipientState",
    "Reimport",
    "Rhythm",
    "ScheduleState",
    "Scope",
    "SendConditionKind",
    "ShareEventKind",
    "SourceRole",
    "State",
    "TimeFormat",
    "Unanswered",
    "Unit",
    "WebhookForm",
    "WhenStale",
    "WorkspaceRole",
]  # fmt: skip


def _declare(cls: type[Enum], name: str, description: str, values: Mapping[Any, str]) -> None:
    """Make an enum of ours one of the schema's. Every value must be explained."""
    made: Any = strawberry.enum(cls, name=name, description=description)
    for value in made.__strawberry_definition__.values:
        value.description = values[cls[value.name]]


_declare(
    WorkspaceRole,
    "WorkspaceRole",
    "What somebody is in the workspace. Says nothing about which sources they may see.",
    {
        WorkspaceRole.OWNER: "Manages everything, other owners too.",
        WorkspaceRole.ADMIN: "Manages the workspace, its people and its sources.",
        WorkspaceRole.MEMBER: "Works with the sources they have a role on.",
    },
)
_declare(
    WebhookForm,
    "WebhookForm",
    "What reads a webhook, and so the form of what is posted.",
    {
        WebhookForm.JSON: "A program: signed JSON with every figure as a number.",
        WebhookForm.SLACK: "Slack's incoming webhook.",
        WebhookForm.TEAMS: "A workflow of Microsoft Teams that posts adaptive cards.",
        WebhookForm.GOOGLE_CHAT: "A webhook of a space in Google Chat.",
        WebhookForm.MATTERMOST: "Mattermost's incoming webhook.",
    },
)
_declare(
    SourceRole,
    "SourceRole",
    "What somebody is on one source. Says nothing about the workspace.",
    {
        SourceRole.ADMIN: "Manages the source, and all that an editor does.",
        SourceRole.EDITOR: "Writes reports over the source and imports files, and all that a guest does.",
        SourceRole.MODERATOR: "Reads the source's figures and runs reports over them.",
        SourceRole.GUEST: "Reads the source's figures and runs reports over them.",
    },
)
_declare(
    Permission,
    "Permission",
    "What is granted by name, whatever somebody's role.",
    {Permission.EXPORT_CONTACT_DATA: "See and take along rows about single persons."},
)
_declare(
    Scope,
    "Scope",
    "What a token may be used for.",
    {Scope.READ: "Asking.", Scope.WRITE: "Changing something, or having it done."},
)
_declare(
    ShareEventKind,
    "ShareEventKind",
    "What happens to a share.",
    {
        ShareEventKind.SHARED: "A report was shared.",
        ShareEventKind.ADDED: "A viewer was added, or given another link.",
        ShareEventKind.REVOKED: "A viewer's access was revoked.",
        ShareEventKind.NEW_PASSWORD: "Another password was set.",
        ShareEventKind.CHANGED: "Its options were changed.",
        ShareEventKind.STOPPED: "The share was stopped.",
        ShareEventKind.OPENED: "A viewer opened it with the password.",
        ShareEventKind.DOWNLOADED: "A viewer downloaded a file.",
    },
)
_declare(
    ParameterKind,
    "ParameterKind",
    "What a parameter holds, and so which input it gets.",
    {
        ParameterKind.TEXT: "A text.",
        ParameterKind.SECRET: "A text that is stored encrypted and never shown again.",
        ParameterKind.NUMBER: "A whole number.",
        ParameterKind.FLAG: "Yes or no.",
        ParameterKind.CHOICE: "One of the choices.",
        ParameterKind.CHOICES: "Any number of the choices.",
        ParameterKind.ORDER: "Any number of the choices, in the order in which they are given.",
        ParameterKind.TAGS: "Any number of short texts; choices are suggestions.",
        ParameterKind.PERIOD: "A named period, or two dates.",
        ParameterKind.INTERVAL: "How a period is cut.",
        ParameterKind.ZONE: "The IANA name of a time zone.",
        ParameterKind.CONTACT: "A contact: an e-mail address, a phone number, or a tool's own id.",
    },
)
_declare(
    Purpose,
    "RunPurpose",
    "What a run is for.",
    {
        Purpose.REPORT: "Building a report.",
        Purpose.IMPORT: "Reading a file into a source.",
        Purpose.DELIVERY: "Sending a report that was built before.",
        Purpose.PULL: "Fetching what is new of a source.",
        Purpose.MAIL: "Sending a plain e-mail.",
        Purpose.ERASURE: "Erasing a contact.",
    },
)
_declare(
    Reimport,
    "ErasedContacts",
    "What becomes of facts about erased contacts that come later.",
    {
        Reimport.ANONYMISE: "They are counted, with a pseudonym and without personal columns.",
        Reimport.REFUSE: "They are refused, and nothing of them is kept.",
    },
)
_declare(
    FileContent,
    "FileContent",
    "What files hold.",
    {
        FileContent.USUAL: "Files for programs everything, others the parts that the report chose.",
        FileContent.EVERYTHING: "Everything.",
        FileContent.CHOSEN: "The parts that the report chose.",
    },
)
_declare(
    MergeKind,
    "ContactMergeKind",
    "Who says of two addresses whether they are one person, and what.",
    {
        MergeKind.TOLD: "A source tells that they are one person.",
        MergeKind.MERGED: "Somebody merged them.",
        MergeKind.APART: "Somebody decided that they are two, whatever sources tell.",
    },
)
_declare(
    Mode,
    "DeliveryMode",
    "How files arrive.",
    {
        Mode.LINK: "Behind links that expire.",
        Mode.ATTACH: "Inside the e-mail, as long as it is small enough; else behind links.",
        Mode.PROTECTED: "On a page with a password, by a link for each recipient; by schedules alone.",
    },
)
_declare(
    DeliveryState,
    "DeliveryState",
    "Where a delivery is.",
    {
        DeliveryState.PLANNED: "Not begun, or put off by the mail server.",
        DeliveryState.CLAIMED: "A worker is about to hand it over.",
        DeliveryState.HANDED_OVER: "Its content is leaving; there is no answer yet.",
        DeliveryState.ACCEPTED: "The mail server has taken it over.",
        DeliveryState.REFUSED: "The mail server or a rule of the workspace refused it.",
        DeliveryState.UNKNOWN: "It may have arrived; it is never sent again by itself.",
        DeliveryState.CANCELLED: "The run was stopped before; nothing was sent.",
        DeliveryState.WITHHELD: "It waits until its recipient has confirmed their address.",
        DeliveryState.ARRIVED: (
            "It was unknown, and a person says that it arrived; or its recipient called it spam."
        ),
        DeliveryState.BOUNCED: "The mail server took it over, and it came back later.",
        DeliveryState.REPEATED: "It was unknown, and a person had it sent once more.",
    },
)
_declare(
    RecipientKind,
    "RecipientKind",
    "Who a recipient is.",
    {
        RecipientKind.PERSON: "A person of the workspace.",
        RecipientKind.EXTERNAL: "Anybody else, by an address that they confirm.",
        RecipientKind.WEBHOOK: "A place that is posted to, such as a chat.",
    },
)
_declare(
    RecipientState,
    "RecipientState",
    "Whether e-mails go to a recipient.",
    {
        RecipientState.NEW: "Nobody has asked them yet to confirm the address; the first e-mail does.",
        RecipientState.WAITING: "They were asked; what is for them waits.",
        RecipientState.LAPSED: "They did not answer in time; ask once more.",
        RecipientState.CONFIRMED: "They do.",
        RecipientState.UNSUBSCRIBED: "They want no more; only they begin it again.",
        RecipientState.SUPPRESSED: "Their mail server refused the address; somebody may lift that.",
        RecipientState.CLOSED: "Their account is closed.",
    },
)
_declare(
    Audience,
    "Audience",
    "Who may receive reports of a kind.",
    {
        Audience.PEOPLE: "People of the workspace alone.",
        Audience.ANYONE: "External recipients too.",
    },
)
_declare(
    FirstEmail,
    "FirstEmail",
    "What an external recipient gets first.",
    {
        FirstEmail.CONFIRMATION: "A question without figures; the report follows once they confirm.",
        FirstEmail.WITH_REPORT: "The first report along with that question; then nothing until they confirm.",
    },
)
_declare(
    Rhythm,
    "Rhythm",
    "What a recurrence counts in.",
    {
        Rhythm.ONCE: "Once, on the first day.",
        Rhythm.DAYS: "Days.",
        Rhythm.WEEKS: "Weeks, on some of their days.",
        Rhythm.MONTHS: "Months, on one of their days.",
        Rhythm.WORKING_DAYS: "From Monday to Friday, but for the workspace's holidays.",
    },
)
_declare(
    MissingHour,
    "MissingHour",
    "When something happens whose time of day the clocks skip.",
    {
        MissingHour.AFTER_CHANGE: "At the first moment after the change.",
        MissingHour.SHIFTED: "As much later as the clocks are put forward.",
    },
)
_declare(
    DoubledHour,
    "DoubledHour",
    "When something happens whose time of day the clocks show twice.",
    {DoubledHour.FIRST: "The first time.", DoubledHour.SECOND: "The second time."},
)
_declare(
    CatchUp,
    "CatchUp",
    "What is made up for of what came due while no server ran.",
    {
        CatchUp.LATEST: "The last of it.",
        CatchUp.ALL: "Each, with the days that it was to cover.",
        CatchUp.SKIP: "None of it.",
    },
)
_declare(
    DateFormat,
    "DateFormat",
    "How days are written.",
    {
        DateFormat.LOCALE: "As the language does.",
        DateFormat.ISO: "2026-12-31.",
        DateFormat.DAY_FIRST: "31/12/2026.",
        DateFormat.MONTH_FIRST: "12/31/2026.",
    },
)
_declare(
    TimeFormat,
    "TimeFormat",
    "How times of day are written.",
    {
        TimeFormat.LOCALE: "As the language does.",
        TimeFormat.HOURS_24: "14:05.",
        TimeFormat.HOURS_12: "2:05 PM.",
    },
)
_declare(
    SendConditionKind,
    "SendConditionKind",
    "What is asked of a report before it is sent.",
    {
        SendConditionKind.NOT_EMPTY: "It has a figure that is not 0, or a table of other things has a row.",
        SendConditionKind.ABOVE: "A figure is greater than a threshold.",
        SendConditionKind.BELOW: "A figure is less than a threshold.",
        SendConditionKind.MOVED: "A figure has moved by more than a share since the last copy.",
        SendConditionKind.CHANGED: "Anything but days and hours has changed since the last copy.",
    },
)
_declare(
    Unanswered,
    "Unanswered",
    "What happens when nobody has answered in time.",
    {Unanswered.WITHHOLD: "Nothing is sent.", Unanswered.SEND: "It is sent."},
)
_declare(
    WhenStale,
    "WhenStale",
    "What becomes of an occurrence while a source has not reported all of its days.",
    {
        WhenStale.WAIT: "It waits until each has, or its time to wait is over.",
        WhenStale.PROVISIONAL: "It is sent, marked as provisional.",
        WhenStale.SKIP: "It is left out.",
    },
)
_declare(
    ScheduleState,
    "ScheduleState",
    "Whether a schedule goes on.",
    {
        ScheduleState.ACTIVE: "It does.",
        ScheduleState.PAUSED: "Not until somebody resumes it.",
        ScheduleState.SUSPENDED: "Not until somebody takes it over: its owner has no access any more.",
        ScheduleState.ENDED: "Nothing follows.",
        ScheduleState.DELETED: "It is deleted, and listed nowhere.",
    },
)
_declare(
    OccurrenceState,
    "OccurrenceState",
    "What became of an occurrence.",
    {
        OccurrenceState.PLANNED: "It is not due yet.",
        OccurrenceState.AWAITING_SOURCES: "It was due before its sources had reported all of its days.",
        OccurrenceState.BEGUN: "Its report is being built or sent.",
        OccurrenceState.WAITING: "It is built, and waits for somebody to say yes.",
        OccurrenceState.SENT: "The mail server of each recipient took it.",
        OccurrenceState.INCOMPLETE: "Some recipients did not get it, or nobody knows whether they did.",
        OccurrenceState.FAILED: "It could not be built, or nobody got it.",
        OccurrenceState.WITHHELD: "Its report was built, and there was a reason not to send it.",
        OccurrenceState.LEFT_OUT: "It was missed, its sources were late, or there was nobody to act for.",
        OccurrenceState.CANCELLED: "Somebody stopped it before anybody got it.",
    },
)
_declare(
    State,
    "RunState",
    "Where a run or a step is.",
    {
        State.WAITING: "Not begun.",
        State.RUNNING: "Being worked on.",
        State.SUCCEEDED: "Done.",
        State.FAILED: "Given up, with the reason.",
        State.CANCELLED: "Stopped by somebody.",
    },
)
_declare(
    Unit,
    "Unit",
    "What a value is.",
    {
        Unit.TEXT: "A text.",
        Unit.COUNT: "A whole number of things.",
        Unit.NUMBER: "A plain number with decimals.",
        Unit.PROPORTION: "A ratio, 1.0 being the whole.",
        Unit.SECONDS: "A duration in seconds.",
        Unit.BYTES: "A number of bytes.",
        Unit.INSTANT: "A moment, ISO 8601 in UTC.",
        Unit.DATE: "A calendar day, ISO 8601.",
        Unit.BOOLEAN: "True or false.",
        Unit.WEEKDAY: "A day of the week, Monday being 1.",
        Unit.HOUR: "An hour that clocks show, from 0 to 23.",
        Unit.TEXTS: "A list of short texts, such as tags.",
    },
)
_declare(
    Mark,
    "Mark",
    "What a reader must know about one figure.",
    {
        Mark.REPORTED: "Taken from a total that the source stated, not counted from events.",
        Mark.MIXED: "Holds both counted and as-reported parts.",
        Mark.RED_FLAG: "Past a limit that asks for attention.",
    },
)
_declare(
    ChartKind,
    "ChartKind",
    "How a chart is rendered.",
    {
        ChartKind.LINE: "A line a series.",
        ChartKind.BAR: "Bars beside each other.",
        ChartKind.STACKED: "Bars on top of each other.",
        ChartKind.DONUT: "A ring, cut by share.",
        ChartKind.HEATMAP: "A row a series, a column a category, the darker the larger.",
    },
)
_declare(
    Preset,
    "PeriodPreset",
    "A period named relative to today, in the zone of the question.",
    {
        Preset.YESTERDAY: "The day before today.",
        Preset.LAST_7_DAYS: "The 7 days that ended yesterday.",
        Preset.LAST_30_DAYS: "The 30 days that ended yesterday.",
        Preset.LAST_90_DAYS: "The 90 days that ended yesterday.",
        Preset.THIS_MONTH: "From the first of this month to today included.",
        Preset.PREVIOUS_MONTH: "The whole month before this one.",
        Preset.THIS_QUARTER: "From the first day of this quarter to today included.",
        Preset.PREVIOUS_QUARTER: "The whole quarter before this one.",
        Preset.PREVIOUS_WEEK: "The whole week before this one, from your workspace's first weekday.",
        Preset.SINCE_OLDEST: "From the day of the oldest selected fact to today included.",
    },
)
_declare(
    IntervalUnit,
    "IntervalUnit",
    "What a period is cut into.",
    {
        IntervalUnit.HOUR: "Hours, counted from the period's first moment.",
        IntervalUnit.DAY: "Days, counted from the period's first day.",
        IntervalUnit.WEEK: "Seven days each, counted from the period's first day.",
        IntervalUnit.MONTH: "Months of the calendar.",
        IntervalUnit.QUARTER: "Quarters of the calendar.",
        IntervalUnit.NONE: "No breakdown by time.",
    },
)
_declare(
    Compare,
    "Compare",
    "What a period is held against.",
    {
        Compare.NONE: "Nothing.",
        Compare.PREVIOUS: "The time just before: as many whole months of the calendar, else as many days.",
        Compare.YEAR: "The same days of the year before; whole months stay whole.",
    },
)
