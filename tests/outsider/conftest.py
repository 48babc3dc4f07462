"""The stranger's project has tests of its own; they run where it is installed, not here."""

collect_ignore = ["bilan-parcels"]
