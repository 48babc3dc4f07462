"""How e-mails are written down."""

from __future__ import annotations

from email.policy import SMTP

POLICY = SMTP.clone(cte_type="7bit")
"""Lines of ASCII, whatever servers on the way can do."""
