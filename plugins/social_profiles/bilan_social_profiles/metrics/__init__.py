"""What is counted of posts, of profiles day by day, and of what people write to them."""

from __future__ import annotations

from bilan_social_profiles.metrics.audience import AUDIENCE_METRICS
from bilan_social_profiles.metrics.community import COMMUNITY_METRICS
from bilan_social_profiles.metrics.content import CONTENT_METRICS
from bilan_social_profiles.metrics.days import DAY_METRICS

METRICS = (*AUDIENCE_METRICS, *DAY_METRICS, *CONTENT_METRICS, *COMMUNITY_METRICS)
