"""Reports: saved definitions, and how one becomes a document."""
