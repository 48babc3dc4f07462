"""Meta's Graph API: Facebook pages and Instagram professional accounts.

Written from https://developers.facebook.com/docs/graph-api (``results``, ``guides/error-handling``,
``guides/field-expansion``, ``overview/rate-limiting``, ``reference/insights``, ``reference/page``,
``reference/debug_token``), https://developers.facebook.com/docs/platforminsights/page and
https://developers.facebook.com/documentation/instagram-platform (``api-reference/instagram-user/insights``,
``reference/instagram-media/insights``), as of v25.0 to v27.0.
"""
