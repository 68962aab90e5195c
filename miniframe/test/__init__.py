"""Drive an application in tests, without a server or with one."""

from __future__ import annotations

from miniframe.test.client import Client, RequestFactory
from miniframe.test.testcases import LiveServerTestCase, SimpleTestCase, TestCase, TransactionTestCase
from miniframe.test.utils import ignore_warnings, modify_settings, override_settings, override_system_checks, tag

__all__ = [
    "Client",
    "RequestFactory",
    "SimpleTestCase",
    "TestCase",
    "TransactionTestCase",
    "LiveServerTestCase",
    "override_settings",
    "modify_settings",
    "override_system_checks",
    "ignore_warnings",
    "tag",
]
