"""The addresses of the plugin."""

from __future__ import annotations

from bilan.sdk import PluginRoute
from bilan_whatsapp_inbox.button.following import follow
from bilan_whatsapp_inbox.button.pages import TITLE, button, buttons, code

BOTH = ("GET", "POST")
ROUTES: tuple[PluginRoute, ...] = (
    PluginRoute("/go/{button}", follow, open=True),
    PluginRoute("/buttons", buttons, methods=BOTH, label=TITLE),
    PluginRoute("/buttons/{button}", button, methods=BOTH),
    PluginRoute("/buttons/{button}/qr.svg", code),
)
