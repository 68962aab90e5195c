"""Small budgets, and the same examples in every run: a property that fails on one machine fails on all."""

from __future__ import annotations

import django.http.request  # noqa: F401  # its metaclasses take a second, which is no example's fault
from hypothesis import HealthCheck, settings

settings.register_profile(
    "small", max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.load_profile("small")
