"""Workers: they are woken through a broker, and find by themselves what nobody woke them for."""

from bilan.worker.broker import open_broker
from bilan.worker.pool import WorkerPool
from bilan.worker.ticker import Periodic, Ticker
from bilan.worker.wakeups import WakeupPublisher
from bilan.worker.working import working

__all__ = ["Periodic", "Ticker", "WakeupPublisher", "WorkerPool", "open_broker", "working"]
