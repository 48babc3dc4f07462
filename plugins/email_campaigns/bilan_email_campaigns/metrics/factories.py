"""How the metrics over events are put together."""

from __future__ import annotations

from bilan.sdk import (
    AllOf,
    Condition,
    Count,
    Distinct,
    In,
    Is,
    Max,
    Message,
    Metric,
    Min,
    Present,
    Ratio,
    Unit,
)  # fmt: skip
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, NAMESPACE, PAIR, Kind, MessageChannel

FIRST = Is("repeat", False)
ONCE = _(
    "each once for its message, or else for its campaign and recipient, however often its sender repeats it"
)


def happened(channel: MessageChannel, *kinds: Kind, also: tuple[Condition, ...] = ()) -> Condition:
    """The events of one of these kinds on a channel."""
    kind = Is("kind", kinds[0].value) if len(kinds) == 1 else In("kind", tuple(one.value for one in kinds))
    return AllOf((Is("channel", channel.value), kind, *also))


def events(
    name: str,
    channel: MessageChannel,
    kind: Kind,
    label: Message,
    description: Message,
    *,
    better: bool | None = None,
    once: bool = False,
) -> Metric:
    """How many events of a kind there were on a channel; ``once`` leaves out those that repeat an outcome."""
    if once:
        text = _(
            "the number of events “{kind}” on the channel “{channel}”, {once}",
            kind=kind.value, channel=channel.value, once=ONCE,
        )  # fmt: skip
        where = happened(channel, kind, also=(FIRST,))
        return counted(name, channel, where, label, description, text, better=better, version=2)
    text = _(
        "the number of events “{kind}” on the channel “{channel}”", kind=kind.value, channel=channel.value
    )
    return counted(name, channel, happened(channel, kind), label, description, text, better=better)


def counted(
    name: str,
    channel: MessageChannel,
    where: Condition,
    label: Message,
    description: Message,
    text: Message,
    *,
    better: bool | None = None,
    version: int = 1,
) -> Metric:
    """How many events satisfy a condition."""
    return Metric(
        key=f"{NAMESPACE}.{name}",
        dataset=EVENTS,
        label=label,
        description=description,
        formula=Count(where),
        formula_text=text,
        version=version,
        higher_is_better=better,
        group=channel.value,
    )


def pairs(
    name: str, where: tuple[Condition, ...], label: Message, description: Message, text: Message
) -> Metric:
    """How many different pairs of campaign (or Canvas step) and recipient there are among e-mail events."""
    return Metric(
        key=f"{NAMESPACE}.{name}",
        dataset=EVENTS,
        label=label,
        description=description,
        formula=Distinct(
            PAIR, AllOf((Is("channel", MessageChannel.EMAIL.value), *where, Present("recipient")))
        ),
        formula_text=text,
        version=2,
        higher_is_better=True,
        group=MessageChannel.EMAIL.value,
    )


def rate(
    name: str, above: str, below: str, label: Message, description: Message, text: Message, *,
    better: bool, dataset: str = EVENTS, group: str = MessageChannel.EMAIL.value,
) -> Metric:  # fmt: skip
    """One metric divided by another, of which it is a part."""
    return Metric(
        key=f"{NAMESPACE}.{name}",
        dataset=dataset,
        label=label,
        description=description,
        formula=Ratio(f"{NAMESPACE}.{above}", f"{NAMESPACE}.{below}", proportion=True),
        formula_text=text,
        unit=Unit.PROPORTION,
        version=3 if dataset == EVENTS else 2,
        higher_is_better=better,
        group=group,
    )


def moment(
    name: str, formula: Min | Max, label: Message, description: Message, text: Message, *,
    dataset: str = EVENTS, group: str = "",
) -> Metric:  # fmt: skip
    """When something happened first or last."""
    return Metric(
        key=f"{NAMESPACE}.{name}",
        dataset=dataset,
        label=label,
        description=description,
        formula=formula,
        formula_text=text,
        unit=Unit.INSTANT,
        group=group,
    )
