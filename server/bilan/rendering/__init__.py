"""The core's own file formats, and the rendering of blocks that page and file share.

A document is rendered from plain values: raw numbers, instants and messages go
through the context's formatter, and the same document, context and release give the
same bytes.
"""
