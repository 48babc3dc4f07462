"""The settings of the environment, with a sentence for what is wrong there."""

from __future__ import annotations

from pydantic import ValidationError

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.settings import Settings


def settings_from_environment() -> Settings:
    """Every setting. Raises ``Invalid`` naming the first variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        variable = f"BILAN_{first['loc'][0]}".upper()
        text = _("{variable} cannot be used: {reason}.", variable=variable, reason=first["msg"])
        raise Invalid(text) from error
