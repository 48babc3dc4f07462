"""The reports of social profiles."""

from __future__ import annotations

from bilan_social_profiles.reports.kinds import CONTENT, CUSTOM, GLOBAL

REPORTS = (GLOBAL, CUSTOM, CONTENT)
