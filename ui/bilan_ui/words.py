"""What roles, permissions, states and steps are called."""

from __future__ import annotations

from bilan.accounts.values import Permission
from bilan.delivery.values import DeliveryState
from bilan.ingest.uploads import UploadState
from bilan.reports.common import WEEKDAYS as DAYS
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.parameters import Choice
from bilan.shares.event_kinds import ShareEventKind
from bilan.work import State
from bilan_ui.textdomain import _

PERMISSIONS = {Permission.EXPORT_CONTACT_DATA: _("May see and export rows about single persons")}
STATES = {
    State.WAITING: _("waiting"),
    State.RUNNING: _("running"),
    State.SUCCEEDED: _("done"),
    State.FAILED: _("failed"),
    State.CANCELLED: _("cancelled"),
}
UPLOADS = {
    UploadState.WAITING: ("waiting", _("not started")),
    UploadState.RUNNING: ("running", _("running")),
    UploadState.DONE: ("succeeded", _("done")),
    UploadState.FAILED: ("failed", _("failed")),
    UploadState.STOPPED: ("cancelled", _("stopped")),
}
"""The look and the name of an upload's state."""
DELIVERED = {
    DeliveryState.PLANNED: ("waiting", _("planned")),
    DeliveryState.CLAIMED: ("running", _("being sent")),
    DeliveryState.HANDED_OVER: ("running", _("handed over")),
    DeliveryState.ACCEPTED: ("succeeded", _("accepted")),
    DeliveryState.REFUSED: ("failed", _("refused")),
    DeliveryState.UNKNOWN: ("failed", _("unknown")),
    DeliveryState.CANCELLED: ("cancelled", _("not sent")),
    DeliveryState.WITHHELD: ("waiting", _("waits for a confirmation")),
    DeliveryState.ARRIVED: ("succeeded", _("arrived")),
    DeliveryState.BOUNCED: ("failed", _("came back")),
    DeliveryState.REPEATED: ("cancelled", _("sent again")),
}
"""The look and the name of a delivery's state."""
SHARE_EVENTS = {
    ShareEventKind.SHARED: _("shared"),
    ShareEventKind.ADDED: _("viewer added"),
    ShareEventKind.REVOKED: _("access revoked"),
    ShareEventKind.NEW_PASSWORD: _("new password set"),
    ShareEventKind.CHANGED: _("options changed"),
    ShareEventKind.STOPPED: _("sharing stopped"),
    ShareEventKind.OPENED: _("opened"),
    ShareEventKind.DOWNLOADED: _("downloaded"),
}
"""What happens to a share."""
STEPS = {
    "render_attachment": _("Rendering a file to send"),
    "compose:email": _("Writing the e-mail"),
    "deliver:email": _("Sending an e-mail"),
    "compose:webhook": _("Writing what is posted"),
    "deliver:webhook": _("Posting to a webhook"),
    "build": _("Asking the warehouse and building the report"),
    "import": _("Reading the file"),
    "render:csv": _("Rendering the CSV"),
    "render:html": _("Rendering the HTML file"),
}
WEEKDAYS = tuple(Choice(str(number), day.label) for number, day in enumerate(DAYS))
"""By their numbers, counted from Monday = 0."""
TOKEN_DAYS = (
    Choice("30", _("30 days")),
    Choice("90", _("90 days")),
    Choice("365", _("a year")),
    Choice("", _("until it is ended")),
)
SCHEDULES = {
    ScheduleState.ACTIVE: ("succeeded", _("going on")),
    ScheduleState.PAUSED: ("cancelled", _("paused")),
    ScheduleState.SUSPENDED: ("failed", _("suspended")),
    ScheduleState.ENDED: ("plain", _("over")),
    ScheduleState.DELETED: ("plain", _("deleted")),
}
"""The look and the name of a schedule's state."""
OCCURRENCES = {
    OccurrenceState.PLANNED: ("waiting", _("planned")),
    OccurrenceState.AWAITING_SOURCES: ("waiting", _("waits for its sources")),
    OccurrenceState.BEGUN: ("running", _("under way")),
    OccurrenceState.WAITING: ("waiting", _("waits for a yes")),
    OccurrenceState.SENT: ("succeeded", _("sent")),
    OccurrenceState.INCOMPLETE: ("warning", _("not to all")),
    OccurrenceState.FAILED: ("failed", _("failed")),
    OccurrenceState.WITHHELD: ("cancelled", _("withheld")),
    OccurrenceState.LEFT_OUT: ("cancelled", _("left out")),
    OccurrenceState.CANCELLED: ("cancelled", _("cancelled")),
}
"""The look and the name of an occurrence's state."""
