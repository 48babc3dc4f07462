"""What is kept of social profiles. Missing figures are empty, never 0."""

from __future__ import annotations

from bilan_social_profiles.community import COMMUNITY_DATASET
from bilan_social_profiles.posts import POST_DATASET
from bilan_social_profiles.profile_days import PROFILE_DAY_DATASET

DATASETS = (POST_DATASET, PROFILE_DAY_DATASET, COMMUNITY_DATASET)
