"""Social networks of the tests' own: a world of accounts and posts, and a server that tells of it.

The server speaks like Mastodon, Bluesky, Meta's Graph API and the YouTube Data API, as their public
documentation says; it was written from that alone, apart from the pulls that are tested with it.
See docs/decisions/100.
"""
