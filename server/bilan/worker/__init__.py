"""Workers: they are called through a broker, and find by themselves what nobody called for."""

from bilan.worker.broker import open_broker
from bilan.worker.calls import Calls
from bilan.worker.pool import Job, WorkerPool
from bilan.worker.process import run_worker
from bilan.worker.ticker import Periodic, Ticker

__all__ = ["Calls", "Job", "Periodic", "Ticker", "WorkerPool", "open_broker", "run_worker"]
