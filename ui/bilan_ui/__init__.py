"""The pages of Bilan, registered through the hooks that any plugin uses."""

from bilan.sdk.hooks import hookimpl
from bilan.sdk.plugins import Plugin, Routes
from bilan_ui.routes import ROUTES
from bilan_ui.textdomain import _


@hookimpl
def register_plugin() -> Plugin:
    return Plugin(name="ui", namespace="ui", label=_("Interface"), package="bilan_ui")


@hookimpl
def register_routes() -> Routes:
    return ROUTES
