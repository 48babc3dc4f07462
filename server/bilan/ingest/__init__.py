"""From a webhook's post or a file to rows of the warehouse, without losing or doubling one."""

from bilan.ingest.appender import Appender
from bilan.ingest.importing import ImportStep
from bilan.ingest.imports import Imports, NewUpload
from bilan.ingest.inbox import Inbox
from bilan.ingest.rejects import Rejected, Rejects
from bilan.ingest.uploads import Upload, UploadState

__all__ = [
    "Appender",
    "ImportStep",
    "Imports",
    "Inbox",
    "NewUpload",
    "Rejected",
    "Rejects",
    "Upload",
    "UploadState",
]
