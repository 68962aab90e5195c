"""The examples in the docstrings of requests, responses, files and signing are true."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "name", ["http.cookie", "http.hosts", "http.parts", "serializers.json", "signing", "files.locks", "files.base"]
)
def test_the_examples_in_the_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(import_module(f"miniframe.{name}")).failed == 0
