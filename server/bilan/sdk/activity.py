"""The dataset every plugin shares: what a contact did, anywhere."""

from __future__ import annotations

from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.sdk.filters import Filter, FilterKind
from bilan.sdk.hooks import hookimpl
from bilan.sdk.metrics import Count, Distinct, Metric
from bilan.sdk.plugins import Plugin
from bilan.sdk.textdomain import _

ACTIVITY = Dataset(
    key="contact.activity",
    label=_("Contact activity"),
    description=_(
        "Everything a contact did, in any source. The core derives the rows from the plugins' facts."
    ),
    columns=(
        Column("occurred_at", ColumnType.INSTANT, _("When")),
        Column("dataset", ColumnType.TEXT, _("Dataset"), dimension=True),
        Column("fact", ColumnType.TEXT, _("Fact"), _("The identity of the fact in its dataset.")),
        Column("key", ColumnType.TEXT, _("Key"), _("What tells several activities of one fact apart.")),
        Column("contact", ColumnType.TEXT, _("Contact"), personal=True),
        Column("category", ColumnType.TEXT, _("Category"), dimension=True),
        Column("action", ColumnType.TEXT, _("Action"), dimension=True),
        Column("subject", ColumnType.TEXT, _("Subject")),
        Column(
            "subject_key",
            ColumnType.TEXT,
            _("Key of the subject"),
            _("By which it is looked up whether the subject is archived."),
        ),
        Column("detail", ColumnType.TEXT, _("Detail"), personal=True),
        Column("archived", ColumnType.BOOLEAN, _("Archived")),
    ),
    identity=("dataset", "fact", "key"),
    sort=("contact", "occurred_at"),
    contact="contact",
)

METRICS = (
    Metric(
        key="contact.actions",
        dataset=ACTIVITY.key,
        label=_("Actions"),
        description=_("How many things contacts did."),
        formula=Count(),
        formula_text=_("the number of activity rows"),
    ),
    Metric(
        key="contact.contacts",
        dataset=ACTIVITY.key,
        label=_("Contacts"),
        description=_("How many different contacts did something."),
        formula=Distinct(("contact",)),
        formula_text=_("the number of different contact addresses"),
    ),
)

FILTERS = (
    Filter(
        "contact.category", (ACTIVITY.key,), "category", FilterKind.CHOICES,
        _("Category"), _("The area the action belongs to: email, campaign, inbox or profile."),
    ),
    Filter(
        "contact.action", (ACTIVITY.key,), "action", FilterKind.CHOICES,
        _("Action"), _("What the contact did, such as opened or unsubscribed."),
    ),
    Filter(
        "contact.archived", (ACTIVITY.key,), "archived", FilterKind.FLAG,
        _("Archived"), _("Whether the campaign behind the action is archived."),
    ),
)  # fmt: skip


class _Core:
    """The core's own declarations, through the hooks that plugins use."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        return Plugin(name="core", namespace="contact", label=_("Contacts"), package="bilan")

    @hookimpl
    def register_datasets(self) -> tuple[Dataset, ...]:
        return (ACTIVITY,)

    @hookimpl
    def register_metrics(self) -> tuple[Metric, ...]:
        return METRICS

    @hookimpl
    def register_filters(self) -> tuple[Filter, ...]:
        return FILTERS


CORE = _Core()
