"""The works of the table, a module each: ``KEYS`` names its lines, ``measure`` yields their findings."""
