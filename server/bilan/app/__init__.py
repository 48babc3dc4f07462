"""Where everything is put together: settings, registry, services, the web application, the processes."""

from bilan.app.assembly import Bilan

__all__ = ["Bilan"]
