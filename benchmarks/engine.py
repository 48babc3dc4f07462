"""The engine alone: fills the tables that an import filled, by INSERT … SELECT from the same file.

``python -m benchmarks.engine WAREHOUSE FILE FORMAT FOLDER`` makes the tables of
a stopped product's warehouse anew in a folder and prints the seconds that
filling them took, in a process of its own. Rollups are made of these tables and are left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TABLES = """
SELECT t.name AS name, create_table_query AS made, groupArray((c.name, c.type)) AS columns
FROM system.tables t JOIN system.columns c ON c.database = t.database AND c.table = t.name
WHERE t.database = 'bilan' AND t.total_rows > 0 AND t.name NOT LIKE '\\_%'
    AND c.default_kind IN ('', 'DEFAULT')
GROUP BY ALL HAVING NOT arrayExists(column -> column.2 LIKE '%AggregateFunction%', columns) ORDER BY name
"""
KIND = (
    "transform(type, ['open', 'click', 'bounce', 'unsubscribe', 'spam'],"
    " ['opened', 'clicked', 'bounced', 'unsubscribed', 'complained'], type)"
)
EXPRESSIONS = {
    "occurred_at": "ts", "kind": KIND, "action": KIND, "send": "type = 'sent'",
    "channel": "'email'", "category": "'campaign'", "dataset": "'email.events'",
    "campaign": "toString(campaign_id)", "campaign_name": "campaign_name", "subject": "campaign_name",
    "variant": "toString(variant)", "tags": "splitByChar('|', tags)",
    "recipient": "email", "contact": "email", "domain": "splitByChar('@', email)[2]",
    "event_id": "toString(event_id)", "fact_id": "toString(event_id)",
    "source": "toUUID('6a4cf0f7-7c5b-4f0e-9d59-2f6ad7f1a0c1')",
    "ingested_at": "now64(6)", "_version": "event_id",
}  # fmt: skip
"""What a column of the product's tables is in the file. Others are keys, or stay empty."""
OTHERS = {
    "UInt64": "cityHash64(campaign_id, email)",
    "UInt128": "reinterpretAsUInt128(sipHash128(campaign_id, email))",
    "FixedString(16)": "sipHash128(campaign_id, email)",
}
"""What keys are made of, by their types."""


def seconds(warehouse: Path, file: Path, file_format: str, folder: Path) -> float:
    """What filling the tables takes the engine, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.engine", *map(str, (warehouse, file, file_format, folder))]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def insert(table: str, columns: list[list[str]], file: Path, file_format: str) -> str:
    """The statement that fills a table. The subject of events is empty, that of activity the campaign."""
    found: dict[str, str] = {}
    for name, type_ in columns:
        expression = EXPRESSIONS.get(name) or OTHERS.get(type_)
        if expression and not (name in ("subject", "category") and table.endswith("events")):
            found[f"`{name}`"] = f"{expression} AS `_{name}`"
    return (
        f"INSERT INTO `{table}` ({', '.join(found)}) SELECT {', '.join(found.values())}"
        f" FROM file('{file}', '{file_format}')"
    )


def main(warehouse: Path, file: Path, file_format: str, folder: Path) -> None:
    """Make the tables, fill them, and print the seconds."""
    from chdb.session import Session  # noqa: PLC0415 - the engine starts with it

    session: Any = Session(str(warehouse))
    tables = [json.loads(line) for line in str(session.query(TABLES, "JSONEachRow")).splitlines()]
    session.close()
    session = Session(str(folder))
    session.query("CREATE DATABASE bilan")
    session.query("USE bilan")
    for table in tables:
        session.query(table["made"])
    began = time.perf_counter()
    for table in tables:
        session.query(insert(table["name"], table["columns"], file, file_format))
    taken = time.perf_counter() - began
    session.close()
    print(taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
