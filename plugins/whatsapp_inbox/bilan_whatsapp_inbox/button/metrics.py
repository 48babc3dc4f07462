"""What is counted of clicks on buttons, and ways to narrow them."""

from __future__ import annotations

from bilan.sdk import Count, Filter, FilterKind, Metric, Present, Ratio, Sum, Unit
from bilan_whatsapp_inbox.button.datasets import DIMENSIONS, TOLD
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import BUTTON_CLICKS, BUTTON_LOG, BUTTONS, CONVERSATIONS, NAMESPACE

CLICKS = Metric(
    f"{NAMESPACE}.clicks", BUTTON_CLICKS, _("Clicks"), _("How often people followed a button."), Count(),
    _("the number of clicks, without previews, prefetches and machines"),
)  # fmt: skip
LED = Metric(
    f"{NAMESPACE}.clicks_with_conversation", BUTTON_CLICKS, _("Clicks that led to a conversation"),
    _("After how many of them the message came that carries their reference."), Count(Present("messaged_at")),
    _("the number of clicks whose reference came back in a message, each once, on the day of the click"),
)  # fmt: skip
CONVERSION = Metric(
    f"{NAMESPACE}.click_conversion", BUTTON_CLICKS, _("Conversion to conversations"),
    _("Which part of the clicks led to a conversation."), Ratio(LED.key, CLICKS.key, proportion=True),
    _("clicks that led to a conversation ÷ clicks"), Unit.PROPORTION, higher_is_better=True,
)  # fmt: skip
FROM_BUTTONS = Metric(
    f"{NAMESPACE}.button_conversations", CONVERSATIONS, _("Conversations from buttons"),
    _("How many conversations hold a message that came of a click."), Count(Present("reference")),
    _("the number of conversations in which a message carries the reference of a click, by their start"),
)  # fmt: skip
SHARE = Metric(
    f"{NAMESPACE}.button_share", CONVERSATIONS, _("Share from buttons"),
    _("Which part of all conversations came of a click."),
    Ratio(FROM_BUTTONS.key, f"{NAMESPACE}.all_conversations", proportion=True),
    _("conversations from buttons ÷ all conversations"), Unit.PROPORTION, higher_is_better=True,
)  # fmt: skip
MISSED = Metric(
    f"{NAMESPACE}.missed_clicks", BUTTON_CLICKS, _("Clicks that could not be written down"),
    _("How many led to WhatsApp and are missing among the clicks, as the next click tells."), Sum("missed"),
    _("the sum of the clicks that could not be written down before each click"), higher_is_better=False,
)  # fmt: skip
BUTTONS_MADE = Metric(
    f"{NAMESPACE}.buttons_made", BUTTONS, _("Buttons"), _("How many buttons were made."), Count(),
    _("the number of buttons, removed ones too, by when they were made"),
)  # fmt: skip
BUTTON_ROWS = Metric(
    f"{NAMESPACE}.button_logged", BUTTON_LOG, _("Rows of the buttons' log"),
    _("How many clicks and messages with a reference came in."), Count(), _("all rows of the buttons' log"),
)  # fmt: skip

METRICS = (CLICKS, LED, CONVERSION, FROM_BUTTONS, SHARE, MISSED, BUTTONS_MADE, BUTTON_ROWS)
_COLUMNS = {column.name: column for column in TOLD}
FILTERS = tuple(
    Filter(
        f"{NAMESPACE}.{name}", (BUTTON_CLICKS,), name, FilterKind.CHOICES, _COLUMNS[name].label,
        _("Clicks with any of these."),
    )
    for name in DIMENSIONS
)  # fmt: skip
