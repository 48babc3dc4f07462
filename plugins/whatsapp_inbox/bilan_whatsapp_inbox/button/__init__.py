"""Buttons on web sites that lead to WhatsApp: made, followed, counted, and tied to what they led to.

See docs/decisions/088.
"""
