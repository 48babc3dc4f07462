"""Every number over the datasets: counted from events, and as reported by senders."""

from bilan_email_campaigns.metrics.channels import CHANNEL_METRICS
from bilan_email_campaigns.metrics.first_last import MOMENT_METRICS
from bilan_email_campaigns.metrics.rates import RATE_METRICS
from bilan_email_campaigns.metrics.recipients import PEOPLE_METRICS
from bilan_email_campaigns.metrics.reported import REPORTED_METRICS

METRICS = (*CHANNEL_METRICS, *PEOPLE_METRICS, *MOMENT_METRICS, *RATE_METRICS, *REPORTED_METRICS)
