"""What the server counts about itself, for Prometheus. One object a process, never the global registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

_QUICK = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LONG = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)

Reading = Callable[[], float]
"""Reads a number that an area keeps itself."""
Family = type[CounterMetricFamily] | type[GaugeMetricFamily]


class Meters:
    """The counters, by the area that moves them. Safe to use from any thread."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.requests = Counter(
            "bilan_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "bilan_http_request_seconds",
            "Seconds from request to answer.",
            ["route"],
            registry=registry,
            buckets=_QUICK,
        )
        self.posts = Counter(
            "bilan_webhook_posts",
            "Webhook posts, by the kind of source and what became of them.",
            ["plugin", "kind", "outcome"],
            registry=registry,
        )
        self.events = Counter(
            "bilan_events",
            "Rows read from posts and files: accepted or rejected.",
            ["plugin", "kind", "outcome"],
            registry=registry,
        )
        self.generations_checked = Counter(
            "bilan_generations_checked",
            "Months counted in advance that were counted once more and compared.",
            ["dataset"],
            registry=registry,
        )
        self.days_differing = Counter(
            "bilan_days_differing",
            "Days of them that differed from their facts, and are made anew.",
            ["dataset"],
            registry=registry,
        )
        self.inbox_posts = Gauge("bilan_inbox_posts", "Posts that wait in the inbox.", registry=registry)
        self.inbox_age = Gauge(
            "bilan_inbox_oldest_seconds",
            "How long the oldest post in the inbox has waited, in seconds.",
            registry=registry,
        )
        self.steps = Counter(
            "bilan_steps", "Steps of runs that ended, by how.", ["step", "outcome"], registry=registry
        )
        self.step_seconds = Histogram(
            "bilan_step_seconds",
            "Seconds a step of a run worked.",
            ["step"],
            registry=registry,
            buckets=_LONG,
        )

    def watch_kept_answers(self, given: Reading, made: Reading, size: Reading) -> None:
        """Read, when somebody asks, what is kept of answers."""
        what = "Answers to programs that may be kept: given again, or made anew."
        self._watch(
            CounterMetricFamily, "bilan_kept_answers", what, "outcome", {"given": given, "made": made}
        )
        self._watch(GaugeMetricFamily, "bilan_kept_answers_bytes", "Bytes that they take.", "", {"": size})

    def watch_questions(self, asking: Reading, waiting: Reading, refused: Reading) -> None:
        """Read, when somebody asks, how people's questions fare."""
        what, states = "Questions of people to the warehouse.", {"asking": asking, "waiting": waiting}
        self._watch(GaugeMetricFamily, "bilan_questions", what, "state", states)
        self._watch(
            CounterMetricFamily, "bilan_questions_refused", "Those answered with 429.", "", {"": refused}
        )

    def _watch(self, made: Family, name: str, what: str, label: str, readings: Mapping[str, Reading]) -> None:
        self.registry.register(_Watched(made, name, what, label, readings))

    def text(self) -> bytes:
        """Everything, in the format Prometheus reads."""
        return generate_latest(self.registry)


class _Watched(Collector):
    """Numbers that are kept elsewhere, read when somebody asks."""

    def __init__(
        self, made: Family, name: str, what: str, label: str, readings: Mapping[str, Reading]
    ) -> None:
        self._made, self._name, self._what = made, name, what
        self._label, self._readings = label, readings

    def collect(self) -> Iterable[Metric]:
        family = self._made(self._name, self._what, labels=[self._label] if self._label else [])
        for state, reading in self._readings.items():
            family.add_metric([state] if self._label else [], reading())
        return (family,)
