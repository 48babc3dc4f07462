"""One module a part of the threat model; each function with ``@attack`` is tried by ``make attack``."""
