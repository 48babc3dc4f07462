"""What the form of a schedule asks for: its parameters, their choices and what each means.

They stand in the form of a report too, so their keys begin with ``schedule.``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bilan.delivery.values import FileContent, Mode
from bilan.i18n import DateFormat, TimeFormat
from bilan.schedules import CatchUp, DoubledHour, MissingHour, Rhythm
from bilan.schedules.approval import Unanswered
from bilan.schedules.condition import SendConditionKind
from bilan.schedules.freshness import WhenStale
from bilan.schedules.recurrence import EIGHT
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Period, Preset
from bilan_ui.schedule_words import LAST_DAY
from bilan_ui.textdomain import _
from bilan_ui.words import WEEKDAYS

PREFIX = "schedule."
WEEKLY, MONTHLY, NOW = "weekly", "monthly", "now"
"""The rhythms that people choose by name, beside those of a recurrence."""
NAMED = {WEEKLY: (Rhythm.WEEKS, Preset.PREVIOUS_WEEK), MONTHLY: (Rhythm.MONTHS, Preset.PREVIOUS_MONTH)}
SECOND = 2
"""The day on which a monthly report leaves."""
COUNTED = frozenset({Rhythm.DAYS, Rhythm.WEEKS, Rhythm.MONTHS})
ENDING = COUNTED | {Rhythm.WORKING_DAYS, WEEKLY, MONTHLY}
LATER = ENDING | {Rhythm.ONCE}
USED: Mapping[str, frozenset[str]] = {
    "every": COUNTED,
    "weekdays": frozenset({Rhythm.WEEKS}),
    "month_day": frozenset({Rhythm.MONTHS}),
    "period": COUNTED | {Rhythm.WORKING_DAYS, Rhythm.ONCE, NOW},
    **dict.fromkeys(("at", "start", "missing", "doubled", "catch_up"), LATER),
    **dict.fromkeys(("end", "until", "count"), ENDING),
}
"""The rhythms that a field belongs to, where not all of them have it."""
NEVER, UNTIL, COUNT = "never", "until", "count"
OWN, ALWAYS, NOBODY, WHOLE = "own", "always", "nobody", "whole"
ANYHOW = "anyhow"
"""Whether sources are fresh is not looked at."""
DATES = frozenset({"start", "until"})

RHYTHMS = (
    Choice(WEEKLY, _("Every Monday")),
    Choice(MONTHLY, _("On the 2nd of every month")),
    Choice(Rhythm.DAYS, _("Every so many days")),
    Choice(Rhythm.WEEKS, _("On days of the week")),
    Choice(Rhythm.MONTHS, _("On a day of the month")),
    Choice(Rhythm.WORKING_DAYS, _("Every working day")),
    Choice(Rhythm.ONCE, _("Once")),
    Choice(NOW, _("Right away")),
)
MEANT: Mapping[str, Message] = {
    WEEKLY: _("For the week before."),
    MONTHLY: _("For the month before."),
    Rhythm.DAYS: _("Counted from the first day."),
    Rhythm.WEEKS: _("Every week, or every so many."),
    Rhythm.MONTHS: _("Also the last; every month, or every so many."),
    Rhythm.WORKING_DAYS: _("Monday to Friday, less the holidays of the workspace."),
    Rhythm.ONCE: _("On a day of your choice."),
    NOW: _("As soon as it is saved."),
}
"""What each rhythm means, in a sentence."""
DAYS_OF_THE_MONTH = (
    *(Choice(str(day), str(day)) for day in range(1, LAST_DAY)),
    Choice(str(LAST_DAY), _("the last day")),
)
ENDS = (
    Choice(NEVER, _("It goes on until somebody ends it")),
    Choice(UNTIL, _("On a day")),
    Choice(COUNT, _("After a number of times")),
)
MISSING = (
    Choice(MissingHour.AFTER_CHANGE, _("At the first moment after the change: for 02:30, at 03:00")),
    Choice(MissingHour.SHIFTED, _("As much later as the clocks are put forward: for 02:30, at 03:30")),
)
DOUBLED = (
    Choice(DoubledHour.FIRST, _("The first time")),
    Choice(DoubledHour.SECOND, _("The second time")),
)
CATCH_UPS = (
    Choice(CatchUp.LATEST, _("The last of them alone: the others are left out, and listed as such")),
    Choice(CatchUp.ALL, _("Each of them, with the days that it was to cover")),
    Choice(CatchUp.SKIP, _("None of them: the next one leaves when it is due")),
)
DATE_FORMATS = (
    Choice(DateFormat.LOCALE, _("as the language does")),
    Choice(DateFormat.ISO, "2026-12-31"),
    Choice(DateFormat.DAY_FIRST, "31/12/2026"),
    Choice(DateFormat.MONTH_FIRST, "12/31/2026"),
)
TIME_FORMATS = (
    Choice(TimeFormat.LOCALE, _("as the language does")),
    Choice(TimeFormat.HOURS_24, "14:05"),
    Choice(TimeFormat.HOURS_12, "2:05 PM"),
)
CONTENTS = (
    Choice(FileContent.USUAL, _("tables everything, others the parts that the report shows")),
    Choice(FileContent.EVERYTHING, _("everything (global)")),
    Choice(FileContent.CHOSEN, _("the parts that the report shows (custom)")),
)
MODES = (
    Choice(Mode.LINK, _("as links that expire")),
    Choice(Mode.ATTACH, _("attached, as long as they are small enough")),
    Choice(Mode.PROTECTED, _("by a protected link for each recipient, without a figure by e-mail")),
)


UNANSWERED = (
    Choice(Unanswered.WITHHOLD, _("It is sent to nobody")),
    Choice(Unanswered.SEND, _("It is sent all the same")),
)
STALE = (
    Choice(ANYHOW, _("It is sent as it is")),
    Choice(WhenStale.WAIT, _("It waits")),
    Choice(WhenStale.PROVISIONAL, _("It is sent, marked as provisional")),
    Choice(WhenStale.SKIP, _("It is left out, and the owner of the schedule gets an e-mail")),
)
THEN = (
    Choice(WhenStale.PROVISIONAL, _("It is sent, marked as provisional")),
    Choice(WhenStale.SKIP, _("It is left out")),
)
CONDITIONS = (
    Choice(ALWAYS, _("Always")),
    Choice(SendConditionKind.NOT_EMPTY, _("Only if there is something in it")),
    Choice(SendConditionKind.CHANGED, _("Only if anything has changed since the last copy")),
    Choice(SendConditionKind.ABOVE, _("Only if a figure is greater than a threshold")),
    Choice(SendConditionKind.BELOW, _("Only if a figure is less than a threshold")),
    Choice(SendConditionKind.MOVED, _("Only if a figure has moved since the last copy")),
)


@dataclass(frozen=True)
class Offered:
    """What can be chosen: by whom, of which kind of report, and what stands there at first.

    ``today`` is the day in ``zone``. ``periodic`` says whether reports of the
    kind cover a period; the others cover everything since the oldest fact.
    """

    zone: str
    first_weekday: int
    today: date
    recipients: tuple[Choice, ...]
    to: tuple[str, ...]
    formats: tuple[Choice, ...]
    usual_formats: tuple[str, ...]
    languages: tuple[Choice, ...]
    period: Period
    periodic: bool
    approvers: tuple[Choice, ...] = ()
    """People who may see the report, by their ids."""
    filters: tuple[Choice, ...] = ()
    """Those that each recipient can get their part by."""
    adds: bool = False
    """Whether external recipients can be written down."""
    figures: tuple[Choice, ...] = ()
    """Those that a condition can be about, as the report was last built."""
    rates: frozenset[str] = frozenset()
    """The keys of those that are written in per cent."""


def parameters_of(offered: Offered) -> tuple[Parameter, ...]:
    return tuple(replace(one, key=f"{PREFIX}{one.key}") for one in _declared(offered))


def _declared(offered: Offered) -> Iterable[Parameter]:
    kind = ParameterKind
    yield Parameter("rhythm", _("How often"), kind.CHOICE, WEEKLY, choices=RHYTHMS)
    yield Parameter("every", _("Every"), kind.NUMBER, 1)
    yield Parameter("weekdays", _("Days of the week"), kind.CHOICES, choices=WEEKDAYS)
    yield Parameter(
        "month_day", _("Day of the month"), kind.CHOICE, "1", choices=DAYS_OF_THE_MONTH,
        help=_("A month that is shorter has it on its last day."),
    )  # fmt: skip
    yield Parameter("at", _("Time of day"), kind.TEXT, EIGHT.isoformat("minutes"), required=True)
    yield Parameter(
        "zone", _("Time zone"), kind.ZONE, offered.zone, required=True,
        help=_("The time of day is that of its clocks, and its days are those that the report covers."),
    )  # fmt: skip
    yield Parameter(
        "start", _("First day"), kind.TEXT, offered.today.isoformat(), required=True,
        help=_("Nothing leaves before; weeks and months are counted from it."),
    )  # fmt: skip
    yield Parameter("end", _("When it ends"), kind.CHOICE, NEVER, choices=ENDS)
    yield Parameter(UNTIL, _("Last day"), kind.TEXT)
    yield Parameter(COUNT, _("Number of times"), kind.NUMBER)
    yield Parameter(
        "period", _("Days that it covers"), kind.PERIOD, offered.period,
        help=_("Seen from the day on which it leaves, also where it leaves late."),
    )  # fmt: skip
    yield from _whom_and_how(offered)
    if offered.filters:
        yield from _split(offered)
    yield from _only_if(offered)
    yield from _freshness()
    yield from _approval(offered)
    yield from _policies(offered)


def _whom_and_how(offered: Offered) -> Sequence[Parameter]:
    kind = ParameterKind
    return (
        # Whoever was chosen before and is no longer offered may stay: the service says who may.
        Parameter("to", _("To"), kind.CHOICES, offered.to, choices=lambda _client, _values: ()),
        Parameter("address", _("E-mail address"), kind.TEXT, ""),
        Parameter("first_name", _("First name"), kind.TEXT, ""),
        Parameter("last_name", _("Last name"), kind.TEXT, ""),
        Parameter(
            "formats", _("Files"), kind.CHOICES, offered.usual_formats, choices=offered.formats,
            help=_("Without any, the e-mail holds the figures alone."),
        ),
        Parameter("content", _("What files hold"), kind.CHOICE, FileContent.USUAL, choices=CONTENTS),
        Parameter("mode", _("How files arrive"), kind.CHOICE, Mode.LINK, choices=MODES),
        Parameter(
            "days", _("Days that links last"), kind.NUMBER, 7, required=True,
            help=_("An expired link offers to send a fresh one to the same address, unless it is protected."),
        ),
        Parameter("separately", _("Send the password in an e-mail of its own"), kind.FLAG, False),
        Parameter(
            "views", _("How often each recipient may open it"), kind.NUMBER,
            help=_("As often as they like, unless a number is given."),
        ),
        Parameter("downloads", _("Recipients may download files"), kind.FLAG, True),
        Parameter("language", _("Language"), kind.CHOICE, OWN, choices=offered.languages),
        Parameter(
            "date_format", _("How days are written"), kind.CHOICE, DateFormat.LOCALE, choices=DATE_FORMATS
        ),
        Parameter(
            "time_format", _("How times of day are written"), kind.CHOICE, TimeFormat.LOCALE,
            choices=TIME_FORMATS,
        ),
        Parameter("message", _("Message"), kind.TEXT),
        Parameter(
            "tells_changes", _("Say what changed since the last copy"), kind.FLAG, False,
            help=_("How the leading figures moved, and apart which of days already reported were restated."),
        ),
    )  # fmt: skip


def _split(offered: Offered) -> Sequence[Parameter]:
    kind, whole = ParameterKind, Choice(WHOLE, _("everybody gets the whole report"))
    return (
        Parameter(
            "filter", _("Filter that takes its values from the recipient"), kind.CHOICE, WHOLE,
            choices=(whole, *offered.filters),
            help=_(
                "Each recipient gets the part with their values alone. "
                "An empty part is not sent, and is said."
            ),
        ),
        Parameter(
            "attribute", _("Attribute of the recipients that holds their values"), kind.TEXT, "",
            help=_("Its name, as on the page of a recipient. Leave it empty to write a table."),
        ),
        Parameter(
            "values", _("Table of recipients and values"), kind.TEXT, "",
            help=_("On each line an address, a comma and its values, separated by semicolons."),
        ),
    )  # fmt: skip


def _only_if(offered: Offered) -> Sequence[Parameter]:
    kind = ParameterKind
    known = CONDITIONS if offered.figures else CONDITIONS[:3]
    return (
        Parameter(
            "condition", _("Condition"), kind.CHOICE, ALWAYS, choices=known,
            help=_("It is built in any case. What is not sent is listed with the reason."),
        ),
        Parameter("kpi", _("Figure"), kind.CHOICE, "", choices=offered.figures),
        Parameter(
            "value", _("Threshold, or by how much it has to move"), kind.TEXT, "",
            help=_("In the unit of the figure. Rates, and by how much it has to move, in per cent."),
        ),
    )  # fmt: skip


def _freshness() -> Sequence[Parameter]:
    kind = ParameterKind
    return (
        Parameter(
            "stale", _("While a source has not reported all of its days"), kind.CHOICE, ANYHOW, choices=STALE,
            help=_("How far a source has reported, and how long it is waited for, is said on its page."),
        ),
        Parameter("wait_hours", _("Hours that it waits at most"), kind.NUMBER, 24, required=True),
        Parameter(
            "then", _("When these are over"), kind.CHOICE, WhenStale.PROVISIONAL, choices=THEN,
            help=_("The owner of the schedule gets an e-mail then."),
        ),
    )  # fmt: skip


def _approval(offered: Offered) -> Sequence[Parameter]:
    kind = ParameterKind
    nobody = Choice(NOBODY, _("nobody, it is sent as soon as it is built"))
    return (
        Parameter(
            "approver", _("Who has to say yes"), kind.CHOICE, NOBODY, choices=(nobody, *offered.approvers),
            help=_("They see every file and every e-mail as it will leave. An e-mail asks them to."),
        ),
        Parameter("hours", _("Hours to answer"), kind.NUMBER, 24, required=True),
        Parameter(
            "unanswered", _("When nobody has answered by then"), kind.CHOICE, Unanswered.WITHHOLD,
            choices=UNANSWERED,
        ),
    )  # fmt: skip


def _policies(offered: Offered) -> Sequence[Parameter]:
    kind = ParameterKind
    return (
        Parameter(
            "first_weekday", _("First day of the week"), kind.CHOICE, str(offered.first_weekday),
            choices=WEEKDAYS,
            help=_("“The week before” begins on it, and so do weeks that are counted."),
        ),
        Parameter(
            "catch_up", _("What becomes of those that were missed"), kind.CHOICE, CatchUp.LATEST,
            choices=CATCH_UPS,
            help=_("While the server was down or could not work. What begins within 15 minutes is on time."),
        ),
        Parameter(
            "missing", _("When the clocks skip its time"), kind.CHOICE, MissingHour.AFTER_CHANGE,
            choices=MISSING,
            help=_("Where clocks are put forward in spring, an hour of that day is missing."),
        ),
        Parameter(
            "doubled", _("When the clocks show its time twice"), kind.CHOICE, DoubledHour.FIRST,
            choices=DOUBLED,
            help=_("Where clocks are put back in autumn, an hour of that day comes twice."),
        ),
    )  # fmt: skip
