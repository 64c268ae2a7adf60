"""Stands for a module that the image does not have, so that `selectors` and `subprocess`, which tests import, can be loaded."""

error = OSError


def select(*_):
    raise OSError(58, "Not supported")
