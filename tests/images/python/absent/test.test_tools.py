"""Stands for the tests of CPython's Tools folder, whose helpers tests of the library import."""

import unittest

toolsdir = "/suite/Tools"


def skip_if_missing(tool=None):
    raise unittest.SkipTest("CPython's Tools folder is not there")


def imports_under_tool(name, *subdirectories):
    skip_if_missing(name)
