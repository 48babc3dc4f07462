"""Sequence numbers: the order of everything that comes in, posts and files chunk by chunk.

The warehouse keeps the copy of a fact with the lowest or the highest number,
so numbers must rise in the order of arrival across posts and files. See docs/decisions/016.
"""

CHUNKS = 2**20
"""The room between two sequence numbers: an import takes one and fills it with its chunks."""


def sequence_of(number: int, chunk: int = 0) -> int:
    """The sequence number in the warehouse of a post, or of a file's chunk, counted from 1."""
    return number * CHUNKS + chunk
