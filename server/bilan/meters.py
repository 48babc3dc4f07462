"""What the server counts about itself, for Prometheus. One object a process, never the global registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_QUICK = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LONG = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


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

    def text(self) -> bytes:
        """Everything, in the format Prometheus reads."""
        return generate_latest(self.registry)
