"""A kind of report of which a workspace builds one at a time."""

from __future__ import annotations

from dataclasses import replace

from fixtures.declarations import SALES
from support.office import KINDS, sales

ALONE = (*KINDS, replace(SALES, key="shop.alone", build=sales, one_at_a_time=True))
