"""Kinds of networks that are pulled: Mastodon, Bluesky, Facebook and Instagram, YouTube.

Each is written from the network's public documentation, which its module names.
"""
