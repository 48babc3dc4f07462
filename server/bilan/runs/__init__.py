"""Runs: work that takes a while, cut into steps that can fail and be taken up again."""
