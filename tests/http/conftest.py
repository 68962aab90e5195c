"""Django itself, as the oracle of the differential tests in this folder."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def django() -> Any:
    """The module `django.http`, configured (in the conftest above) with the same key and hosts."""
    import django.http

    return django.http
