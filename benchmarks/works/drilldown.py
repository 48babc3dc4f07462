"""The rows behind a figure as CSV by HTTP, beside DuckDB's COPY of the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, compared, in_turn
from benchmarks.reference import scratch
from benchmarks.reports import RUN_REPORT, finished
from benchmarks.served import BrokenOff, Served
from benchmarks.works.r2_export import counted

KEYS = ("drilldown", "drilldown memory")
DAYS = "SELECT min(ts)::DATE, max(ts)::DATE FROM (FROM facts WHERE type = 'sent' ORDER BY ts LIMIT ?)"
TILES = """
query ($id: ID!) { run(id: $id) { document { blocks {
  ... on DocumentSection { blocks { ... on DocumentKpis { path tiles { key } } } } } } } }
"""
ROWS = """
query ($id: ID!, $figure: String!) { run(id: $id) { drilldown(figure: $figure) { totalRows url refused } } }
"""


def measure(bench: Bench) -> Iterator[Finding]:
    """The sends of a while: all rows of the tile, in turn with DuckDB."""
    with bench.duckdb() as db:
        first, last = db.execute(DAYS, [bench.written]).fetchall()[0]
    ours, theirs = bench.folder / "behind.csv", bench.folder / "copied.csv"
    with bench.serving() as served, scratch(bench.folder / "behind.duckdb") as db:
        rows, url = behind(served, first, last)
        before = served.memory()

        def product(_number: int) -> None:
            served.download(url, ours)

        def copy(_number: int) -> None:
            db.execute(f"COPY rows TO '{theirs}' (FORMAT csv)")

        try:
            with served.watching() as seen:
                product(0)
            db.execute(f"CREATE TABLE rows AS FROM read_csv('{ours}', all_varchar = true)")
            taken = in_turn({"product": product, "reference": copy}, min(bench.rounds, 3), warm=1)
        except BrokenOff as error:
            yield from (Finding(key, None, remark=f"of {rows:,} rows {error}") for key in KEYS)
            return
        found = counted(db, ours)
    remark = f"{rows:,} rows of {found[1]} columns"
    yield compared("drilldown", taken, equal=found[0] == rows, remark=remark)
    yield Finding.one("drilldown memory", max(0.0, max(seen) - before))


def behind(served: Served, first: date, last: date) -> tuple[int, str]:
    """How many rows stand behind the sends of a report on these days, and where to download them."""
    parameters = {"period": f"{first}..{last}"}
    run = served.ask(RUN_REPORT, kind="email.engagement", parameters=parameters, formats=[])["buildKind"][
        "id"
    ]
    finished(served, run)
    blocks = served.ask(TILES, id=run)["run"]["document"]["blocks"]
    groups = [kpis for section in blocks for kpis in section.get("blocks", ()) if "tiles" in kpis]
    figure = next(
        f"{kpis['path']}:t{number}"
        for kpis in groups
        for number, tile in enumerate(kpis["tiles"])
        if tile["key"].rpartition(".")[2] == "sends"
    )
    found = served.ask(ROWS, id=run, figure=figure)["run"]["drilldown"]
    if found["refused"]:
        raise RuntimeError(found["refused"])
    return found["totalRows"], found["url"]
