"""Who stands behind the events: recipients, people apart from machines, and when they were last seen."""

from __future__ import annotations

from bilan.sdk import Distinct, In, Is, Max, Metric, Present
from bilan_email_campaigns.metrics.factories import FIRST, ONCE, counted, happened, moment, pairs
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, BounceClass, Kind, MessageChannel

MACHINE = Is("machine", True)
HUMAN = Is("machine", False)
MAILED = In(
    "kind", tuple(k.value for k in (Kind.QUEUED, Kind.SENT, Kind.DELIVERED, Kind.DEFERRED, Kind.BOUNCED))
)

_BOUNCES = (
    counted("hard_bounces", MessageChannel.EMAIL,
            happened(MessageChannel.EMAIL, Kind.BOUNCED,
                     also=(Is("bounce_class", BounceClass.HARD.value), FIRST)),
            _("Hard bounces"), _("How many e-mails came back for good."),
            _("the number of e-mail bounces of the class “hard”, {once}", once=ONCE),
            better=False, version=2),
    counted("soft_bounces", MessageChannel.EMAIL,
            happened(MessageChannel.EMAIL, Kind.BOUNCED, also=(Is("bounce_class", BounceClass.SOFT.value),)),
            _("Soft bounces"), _("How many e-mails came back for now."),
            _("the number of e-mail bounces of the class “soft”; deferrals, which are tried again, "
              "are not among them"), better=False),
)  # fmt: skip

_MACHINES = (
    counted("machine_opens", MessageChannel.EMAIL,
            happened(MessageChannel.EMAIL, Kind.OPENED, also=(MACHINE,)),
            _("Opens by machines"), _("How often privacy proxies and scanners opened e-mails."),
            _("the number of e-mail opens that the sender marks as made by a machine")),
    counted("human_opens", MessageChannel.EMAIL, happened(MessageChannel.EMAIL, Kind.OPENED, also=(HUMAN,)),
            _("Opens by people"), _("How often e-mails were opened, without privacy proxies and scanners."),
            _("the number of e-mail opens that the sender does not mark as made by a machine"), better=True),
    pairs("unique_human_opens", (Is("kind", Kind.OPENED.value), HUMAN),
          _("Unique opens by people"),
          _("How many recipients opened, without privacy proxies and scanners."),
          _("the number of different pairs of campaign or Canvas step and recipient with an open "
            "that is not marked as made by a machine")),
    counted("machine_clicks", MessageChannel.EMAIL,
            happened(MessageChannel.EMAIL, Kind.CLICKED, also=(MACHINE,)),
            _("Clicks by machines"), _("How often link scanners clicked in e-mails."),
            _("the number of e-mail clicks that the sender marks as made by a machine")),
    counted("human_clicks", MessageChannel.EMAIL, happened(MessageChannel.EMAIL, Kind.CLICKED, also=(HUMAN,)),
            _("Clicks by people"), _("How often links were clicked, without link scanners."),
            _("the number of e-mail clicks that the sender does not mark as made by a machine"), better=True),
    pairs("unique_human_clicks", (Is("kind", Kind.CLICKED.value), HUMAN),
          _("Unique clicks by people"), _("How many recipients clicked, without link scanners."),
          _("the number of different pairs of campaign or Canvas step and recipient with a click "
            "that is not marked as made by a machine")),
)  # fmt: skip

_CONTACTS = (
    pairs("recipients", (MAILED,),
          _("Recipients"),
          _("How many recipients e-mails went to, counted once for each campaign or Canvas step."),
          _("the number of different pairs of campaign or Canvas step and recipient with an event "
            "“queued”, “sent”, “delivered”, “deferred” or “bounced”")),
    Metric(
        key="email.distinct_contacts",
        dataset=EVENTS,
        label=_("Distinct contacts"),
        description=_("How many different recipients there are, whatever happened, on all channels."),
        formula=Distinct(("recipient",), Present("recipient")),
        formula_text=_("the number of different recipients"),
    ),
)  # fmt: skip

_LAST = (
    moment("last_open", Max("occurred_at", happened(MessageChannel.EMAIL, Kind.OPENED)),
           _("Last open"), _("When an e-mail was last opened."), _("the latest moment of an e-mail open"),
           group=MessageChannel.EMAIL.value),
    moment("last_click", Max("occurred_at", happened(MessageChannel.EMAIL, Kind.CLICKED)),
           _("Last click"), _("When a link in an e-mail was last clicked."),
           _("the latest moment of an e-mail click"), group=MessageChannel.EMAIL.value),
)  # fmt: skip

PEOPLE_METRICS = (*_BOUNCES, *_MACHINES, *_CONTACTS, *_LAST)
