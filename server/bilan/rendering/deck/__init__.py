"""A document as slides: a master of our own, charts that can be changed, and the definitions in the notes.

Nothing here is imported before the first deck is rendered: python-pptx is loaded with it.
"""
