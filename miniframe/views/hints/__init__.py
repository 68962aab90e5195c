"""What to try next after an error: a table of rows, each with the advice for one error that people meet often."""

from miniframe.views.hints.finding import HINTS, Case, Hint, find_hints

__all__ = ["HINTS", "Case", "Hint", "find_hints"]
