"""The pages of Bilan, registered through the hooks that any plugin uses."""

from bilan.sdk import Interface, Plugin, hookimpl
from bilan_ui.routes import INTERFACE
from bilan_ui.textdomain import _


@hookimpl
def register_plugin() -> Plugin:
    return Plugin(name="ui", namespace="ui", label=_("Interface"), package="bilan_ui")


@hookimpl
def register_interface() -> Interface:
    return INTERFACE
