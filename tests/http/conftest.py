"""Django itself, as the oracle of the differential tests in this folder."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def django() -> Any:
    """The module `django.http`, configured with the same key and hosts as the tests here."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            SECRET_KEY="a-key-for-tests-that-signs-nothing-of-value-0123456789",
            ALLOWED_HOSTS=["testserver"],
            SIGNED_COOKIE_LEGACY_SALT_FALLBACK=False,
        )
    import django.http

    return django.http
