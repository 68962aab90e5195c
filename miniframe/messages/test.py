"""Assert which messages a response's request has.

Source: Django's reference "The messages framework", section "Testing".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from miniframe.messages.api import get_messages
from miniframe.messages.storage.base import Message

__all__ = ["MessagesTestMixin"]

# unittest leaves frames of a module with this name out of its report, so that it shows the test's own line.
__unittest = True


class MessagesTestMixin:
    """For a TestCase: `assertMessages`."""

    def assertMessages(  # noqa: N802  # unittest's style
        self, response: Any, expected_messages: Iterable[Message], *, ordered: bool = True
    ) -> None:
        """Assert that the messages are these, in this order unless `ordered` is false."""
        found = list(get_messages(response.wsgi_request))
        case: Any = self
        compare = case.assertEqual if ordered else case.assertCountEqual
        compare(found, list(expected_messages))
