"""Short GraphQL texts that take long to read, of strangers and of people; and many questions at once."""

from __future__ import annotations

import json

from benchmarks.attacks.target import Target, attack

REPEATED = "{ workspace { " + "brand { colour } " * 490 + "} }"
DOUBLED = " ".join(
    f"fragment F{number} on Workspace {{ ...F{number + 1} ...F{number + 1} }}" for number in range(60)
)
UNFOLDED = f"{{ workspace {{ ...F0 }} }} {DOUBLED} fragment F60 on Workspace {{ name }}"
SLOW = (
    '{{ email {{ events(period: {{since: "2024-01-0{day}", until: "2026-12-31"}}) '
    "{{ rows(dimensions: [{{campaign: true}}]) {{ sends delivered opens }} }} }} }}"
)


@attack("2", "a stranger's GraphQL of 490 equal fields, 8 at once")
def a_strangers_repetitions(target: Target) -> None:
    """The validation compares each with each."""
    target.until_over(8, lambda: target.graphql(REPEATED))


@attack("2", "the same with a token")
def repetitions(target: Target) -> None:
    """Those who are known are not held up either."""
    target.until_over(8, lambda: target.graphql(REPEATED, target.careless))


@attack("2", "GraphQL whose fragments double 60 times, with a token, 8 at once")
def doubling_fragments(target: Target) -> None:
    """Unfolded they are more fields than there are atoms."""
    target.until_over(8, lambda: target.graphql(UNFOLDED, target.careless))


@attack("2", "GraphQL with variables of 330,000 empty texts (1 MB), with a token, 4 at once")
def many_variables(target: Target) -> None:
    """Each is checked against its type."""
    query = "query ($f: EmailEventsFilters) { email { events(filters: $f) { totals { sends } } } }"
    given = {"query": query, "variables": {"f": {"campaign": {"any": [""] * 330_000}}}}
    body = json.dumps(given, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {target.careless}"}
    target.until_over(4, lambda: target.ask("POST", "/graphql", body, headers))


@attack("3", "200 questions at once under one token")
def many_questions(target: Target) -> None:
    """They wait for each other, and nothing else waits for them."""
    question = "{ email { events { totals { sends uniqueOpens uniqueClicks } } } }"
    target.until_over(200, lambda: target.graphql(question, target.careless))
