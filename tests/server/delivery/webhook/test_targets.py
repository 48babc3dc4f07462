"""A target is named without its secret, and one that cannot be posted to is refused in a sentence."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from bilan.delivery.webhook.targets import SETTINGS, identify
from bilan.parameters.validation import validate
from bilan.sdk.errors import Invalid

SLACK = "https://hooks.slack.com/services/T0/B0/T0K3N"


def setting(_name: str) -> str:
    return "chat.intranet"


def identified(**raw: Any) -> str:
    return identify(validate(SETTINGS, raw, client=None), setting)


def test_a_target_is_named_by_its_host_and_what_tells_it_from_others() -> None:
    digits = hashlib.sha256(SLACK.encode()).hexdigest()[:8]
    assert identified(form="slack", url=SLACK) == f"https://hooks.slack.com/#{digits}"
    assert identified(form="slack", url=f" {SLACK} ") == identified(form="slack", url=SLACK)
    assert identified(form="slack", url=SLACK.replace("hooks.slack", "HOOKS.Slack")).endswith(digits)
    assert identified(form="slack", url=f"{SLACK}2") != identified(form="slack", url=SLACK)
    assert identified(form="mattermost", url="https://chat.example:8443/x").startswith(
        "https://chat.example:8443/#"
    )


def test_a_private_host_that_the_operator_named_needs_no_tls() -> None:
    assert identified(form="mattermost", url="http://chat.intranet/hooks/x").startswith(
        "http://chat.intranet/#"
    )


HTTPS = "The address begins with https:// and the name of a host."


@pytest.mark.parametrize(
    ("raw", "path", "said"),
    [
        ({"form": "slack"}, "url", "must be filled in"),
        ({"form": "slack", "url": "hooks.slack.com/services/x"}, "url", HTTPS),
        ({"form": "slack", "url": "ftp://hooks.slack.com/x"}, "url", HTTPS),
        ({"form": "slack", "url": "https://"}, "url", HTTPS),
        ({"form": "slack", "url": "https://user:pass@hooks.slack.com/x"}, "url", HTTPS),
        ({"form": "slack", "url": f"https://x.example/{'a' * 2000}"}, "url", HTTPS),
        ({"form": "slack", "url": "https://[::1"}, "url", HTTPS),
        ({"form": "slack", "url": "http://hooks.slack.com/x"}, "url", "by https alone"),
        ({"form": "slack", "url": "https://127.0.0.1/x"}, "url", "is in a private network"),
        ({"form": "slack", "url": "https://[::1]/x"}, "url", "is in a private network"),
        ({"form": "slack", "url": "https://[::ffff:10.0.0.1]/x"}, "url", "is in a private network"),
        ({"form": "irc", "url": SLACK}, "form", "irc"),
        ({"form": "json", "url": SLACK}, "secret", "A program needs a signing secret"),
        ({"form": "json", "url": SLACK, "secret": "short"}, "secret", "at least 16 characters"),
        ({"form": "json", "url": SLACK, "secret": "whsec_not base64 !"}, "secret", "base64"),
        ({"form": "json", "url": SLACK, "secret": "whsec_c2hvcnQ="}, "secret", "at least 16 characters"),
    ],
)
def test_what_can_not_be_posted_to_is_refused_with_what_would_be_right(
    raw: dict[str, Any], path: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        identified(**raw)
    assert refused.value.path == (path,)


def test_nothing_that_is_said_holds_the_secret_of_an_address() -> None:
    with pytest.raises(Invalid) as refused:
        identified(form="slack", url="http://hooks.slack.com/services/T0K3N")
    assert "T0K3N" not in str(refused.value)
