"""The table of files that may have lost their last reader."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LooseFileRow(Model):
    """A file that a row stopped naming. The next sweep removes it, unless another names it."""

    sha256 = fields.CharField(max_length=64, primary_key=True)

    class Meta(Model.Meta):
        table = "loose_file"
