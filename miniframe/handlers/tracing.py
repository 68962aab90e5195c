"""What may be put around the steps of a handler when its chain is built: to time them, or to tell of them.

A `Trace` is asked once for each step, and what it returns is called in the step's place; so a handler without one has
nothing of this on a request's way.

    chain( layer( layer( ... resolve -> hook -> view -> render ... )))

Not here: the two that there are, `timing.ServerTiming` and the recorder of `manage.py explain`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from miniframe.types import GetResponse, View

__all__ = ["Trace"]

Hook = Callable[..., Any]


class Trace(Protocol):
    """Returns for each step of a handler what is to be called in its place."""

    def chain(self, call: GetResponse, plain: GetResponse) -> GetResponse:
        """Stand in for the whole chain: the outermost of all.  `plain` is for requests that shall not be traced."""

    def fork(self, traced: GetResponse, plain: GetResponse) -> GetResponse:
        """Return what a middleware calls as its `get_response`: it goes on in the chain in which its request began."""

    def layer(
        self, path: str, middleware: Any, call: GetResponse, convert: Callable[[GetResponse], GetResponse]
    ) -> GetResponse:
        """Stand in for the middleware at `path`, or with the path "" for all that lies inside of the middleware.

        `convert` makes exceptions into responses: inside of it a layer raises, outside of it never.
        """

    def hook(self, kind: str, hook: Hook) -> Hook:
        """Stand in for a middleware's `process_view`, `process_template_response` or `process_exception`."""

    def resolve(self, call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Stand in for the search of the route: request in, match out."""

    def view(self, view: View, call: View) -> View:
        """Stand in for a view that is about to be called; `call` is what is called for it."""

    def render(self, call: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Stand in for the rendering of a late template: request and response in, response out."""
