"""E-mail services of the tests' own, written from their public documentation apart from the pulls.

See docs/decisions/100.
"""
