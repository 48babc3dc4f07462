"""What a plugin pulls: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bilan.ingest.normalise import Normalisers, identity_of
from bilan.outbound.samples import SampleClient, SampleContext, facts_of, nobody, pulled
from bilan.registry.declared import Declared, Registry
from bilan.sdk.columns import FactColumns, row_by_row
from bilan.sdk.datasets import Fact, Keep, Retract
from bilan.sdk.errors import BilanError, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.pulls import LARGEST_STATE, Checked, Checkpoint, Discovery, Pull, Pulled, PullNote
from bilan.sdk.sample_services import SampleReply, SampleRequest
from bilan.sdk.sources import Sample, Settings, SourceKind
from bilan.sdk.textdomain import _
from bilan.testing.samples import settings_of
from bilan.testing.source_rules import NOW

CUTS = 40
"""Checkpoints at which a pull is cut."""
REQUESTS = 20
"""Requests of which each fails once."""


@dataclass(frozen=True)
class _Tried:
    """A sample whose kind is pulled."""

    kind: SourceKind
    pull: Pull
    sample: Sample
    settings: Settings

    @property
    def named(self) -> str:
        """How it is spoken of."""
        return f"the pull of {self.kind.key} from the sample {self.sample.name}"

    def answers(self, request: SampleRequest) -> SampleReply:
        """What the sample's service answers."""
        return (self.sample.answers or nobody)(request)

    @property
    def mails(self) -> Sequence[bytes] | None:
        """The messages of the sample's mailbox, where it has one."""
        return None if self.sample.mails is None else tuple(self.sample.mails())

    def context(self, client: SampleClient) -> SampleContext:
        """What the pull is given, with this client."""
        return SampleContext(self.settings, client, NOW, mails=self.mails)

    def run(self, state: Mapping[str, Any] | None = None) -> list[Pulled]:
        """All that the pull gives, from a state on."""
        return list(pulled(self.pull, self.answers, self.settings, NOW, state, self.mails))


def _tried(one: Declared) -> Iterator[_Tried]:
    kinds = {kind.key: kind for kind in one.sources}
    for sample in one.samples:
        kind = kinds[sample.kind]
        if kind.pull is not None and (sample.answers is not None or sample.mails is not None):
            yield _Tried(kind, kind.pull, sample, settings_of(kind, sample.settings))


def check_pulls(registry: Registry, one: Declared) -> Iterator[str]:
    """Wherever a pull is cut at a checkpoint, what comes before and what comes from there are its facts."""
    for tried in _tried(one):
        try:
            whole = tried.run()
            yield from _strange_facts(one.plugin.namespace, tried, whole)
            yield from _wrong_parts(registry, tried, whole)
        except Exception as error:
            yield f"{tried.named} fails: {error!r}"


def _wrong_parts(registry: Registry, tried: _Tried, whole: Sequence[Pulled]) -> Iterator[str]:
    if not any(isinstance(item, Fact | FactColumns) for item in whole):
        yield f"{tried.named} gives no fact"
    if not whole or not isinstance(whole[-1], Checkpoint):
        yield f"{tried.named} ends without a checkpoint, so that the next one does not know where to begin"
    expected = _stand(registry, whole)
    cuts = [at for at, item in enumerate(whole) if isinstance(item, Checkpoint)]
    for at in cuts:
        checkpoint = whole[at]
        assert isinstance(checkpoint, Checkpoint)  # noqa: S101 - it was looked for
        if reason := _wrong_state(checkpoint):
            yield f"{tried.named} has a checkpoint whose state {reason}"
            return
    for at in cuts[:-1][:CUTS]:
        checkpoint = whole[at]
        assert isinstance(checkpoint, Checkpoint)  # noqa: S101 - it was looked for
        rest = tried.run(json.loads(json.dumps(dict(checkpoint.state))))
        if _stand(registry, [*whole[: at + 1], *rest]) != expected:
            yield (
                f"{tried.named} gives other facts when it is cut at the checkpoint {dict(checkpoint.state)}: "
                "its state has to say what has been given"
            )
            return


def _strange_facts(namespace: str, tried: _Tried, whole: Sequence[Pulled]) -> Iterator[str]:
    told = {item.dataset for item in whole if isinstance(item, Fact | Retract | FactColumns)}
    for dataset in sorted(told):
        if not dataset.startswith(f"{namespace}."):
            yield f"{tried.named} gives facts of {dataset}, which is no dataset of its plugin"


def _wrong_state(checkpoint: Checkpoint) -> str | None:
    try:
        written = json.dumps(dict(checkpoint.state), allow_nan=False)
    except (TypeError, ValueError):
        return "is not JSON"
    if json.loads(written) != dict(checkpoint.state):
        return "is another one once it has been JSON"
    return f"is larger than {LARGEST_STATE} bytes" if len(written.encode()) > LARGEST_STATE else None


def _stand(registry: Registry, items: Sequence[Pulled]) -> dict[tuple[Any, ...], Any]:
    """The facts that stand after all of these, by dataset and identity. Raises what a wrong fact raises."""
    normalisers = Normalisers(registry.datasets)
    stand: dict[tuple[Any, ...], Any] = {}
    for item in row_by_row(facts_of(items)):
        if isinstance(item, Fact):
            dataset, row, _activities = normalisers.fact(item, NOW)
            key = (dataset.key, *identity_of(dataset, row))
            if dataset.keep is Keep.LAST or key not in stand:
                stand[key] = row
        elif isinstance(item, Retract):
            dataset, identity = normalisers.retraction(item)
            stand.pop((dataset.key, *identity_of(dataset, identity)), None)
    return stand


def check_failing_services(one: Declared) -> Iterator[str]:
    """A request that fails is never passed over without a word, and a refused token is said in a sentence."""
    for tried in _tried(one):
        requests = _requests(tried)
        for number in range(min(requests, REQUESTS)):
            if reason := _passes_over(tried, number):
                yield f"{tried.named} {reason} when its request {number + 1} fails"
                break
        if reason := _checks_badly(tried):
            yield reason


def _requests(tried: _Tried) -> int:
    client = SampleClient(tried.answers, tried.pull.hosts(tried.settings))
    for _item in tried.pull.pull(tried.context(client)):
        pass
    return client.requests


def _passes_over(tried: _Tried, number: int) -> str | None:
    client = _Failing(tried, number)
    noted = False
    try:
        for item in tried.pull.pull(tried.context(client)):
            noted = noted or isinstance(item, PullNote)
    except BilanError:
        return None
    except Exception as error:
        return f"raises {error!r}"
    return None if noted else "goes on as if nothing had happened"


class _Failing(SampleClient):
    """A service that is away for one request."""

    def __init__(self, tried: _Tried, number: int) -> None:
        self._left = number
        super().__init__(tried.answers, tried.pull.hosts(tried.settings))

    def count(self) -> None:
        super().count()
        self._left -= 1
        if self._left == -1:
            raise Unavailable(
                _("{host} does not work just now. It answered {status}.", host="", status="503")
            )


def _checks_badly(tried: _Tried) -> str | None:
    pull, settings, hosts = tried.pull, tried.settings, tried.pull.hosts(tried.settings)
    checked: Any = pull.check(tried.context(SampleClient(tried.answers, hosts)))
    if not isinstance(checked, Checked) or not isinstance(cast("Any", checked.said), Message):
        return f"the check of {tried.kind.key} gives no sentence"
    refusing = SampleClient(lambda _request: SampleReply({}, 401), hosts)
    try:
        pull.check(SampleContext(settings, refusing, NOW))
    except BilanError:
        return None
    except Exception as error:
        return f"the check of {tried.kind.key} raises {error!r} where the token is refused"
    return f"the check of {tried.kind.key} is content with a token that is refused"


def check_discoveries(one: Declared) -> Iterator[str]:
    """Profiles that are found have keys of their own, and settings that the kind has."""
    for tried in _tried(one):
        if not isinstance(tried.pull, Discovery):
            continue
        client = SampleClient(tried.answers, tried.pull.hosts(tried.settings))
        found = list(tried.pull.discover(SampleContext(tried.settings, client, NOW)))
        declared = {setting.key for setting in tried.kind.settings}
        keys = [profile.key for profile in found]
        if not all(keys) or len(set(keys)) < len(keys):
            yield f"{tried.kind.key} finds profiles that have no key of their own: {keys}"
        for profile in found:
            if unknown := sorted(set(profile.settings) - declared):
                yield f"{tried.kind.key} finds a profile with settings that it does not have: {unknown}"
                break
