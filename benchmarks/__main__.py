"""``python -m benchmarks``: run every benchmark."""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

import structlog

from benchmarks import engagement, pdf, sending, tables

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("--events", type=int, default=10_000_000, help="how many events there are")
parser.add_argument("--rounds", type=int, default=15, help="how often each way is measured")
arguments = parser.parse_args()
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
with tempfile.TemporaryDirectory(prefix="bilan-bench-") as folder:
    pdf.main(Path(folder), arguments.rounds)
    tables.main(Path(folder))
    sending.main(Path(folder), arguments.rounds)
    engagement.main(Path(folder), arguments.events, arguments.rounds)
