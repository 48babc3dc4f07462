"""What people and programs fill in, checked against what was declared."""

from bilan.parameters.times import (
    parse_interval,
    parse_period,
    parse_zone,
    period_text,
    write_interval,
    write_period,
)
from bilan.parameters.validation import Checked, check, plain, validate

__all__ = [
    "Checked",
    "check",
    "parse_interval",
    "parse_period",
    "parse_zone",
    "period_text",
    "plain",
    "validate",
    "write_interval",
    "write_period",
]
