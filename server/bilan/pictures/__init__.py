"""Pictures of facts, such as those of posts: kept as long as a fact names them, and shown to who may read it.

A picture's key is the SHA-256 of its bytes as they are kept. See docs/decisions/096.
"""

from bilan.pictures.companions import CompanionPictures
from bilan.pictures.fetching import PictureFetcher
from bilan.pictures.keeping import PictureKeeper
from bilan.pictures.showing import picture_files_of, pictures_of_run, readable_pictures
from bilan.pictures.sweeping import PictureSweep

__all__ = [
    "CompanionPictures",
    "PictureFetcher",
    "PictureKeeper",
    "PictureSweep",
    "picture_files_of",
    "pictures_of_run",
    "readable_pictures",
]
