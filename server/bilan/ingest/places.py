"""The order of everything that comes in: posts by their place in the inbox, files chunk by chunk.

The warehouse keeps the copy of a fact with the lowest or the highest number,
so numbers must rise in the order of arrival across posts and files.
"""

CHUNKS = 2**20
"""The room between two places: an import takes one place and fills it with its chunks."""


def place_of(place: int, chunk: int = 0) -> int:
    """The number of a post, or of a file's chunk, counted from 1."""
    return place * CHUNKS + chunk
