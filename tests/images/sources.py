"""The sources of the images, and what their tests are fetched from."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "guests/images"))

from recipes import sources as images  # noqa: E402
from recipes.sources import Sources, digest  # noqa: E402, F401

images.SOURCES["spidermonkey"] = (
    "debian-source", "mozjs128", "128.14.0-1~deb13u1", "mozjs128_128.14.0.orig.tar.xz",
    "41cca35149710ce45fbabc5fefcf86a01fdf833fdb783941964fca3a55fb72dd")


def recipe_of(language):
    """How the image of a language is made."""
    return importlib.import_module(f"recipes.{language}")
