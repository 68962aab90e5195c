"""Read exceptions and their tracebacks: frames with source and variables; causes, contexts, notes, groups.

Source: PEP 657 for the columns, PEP 678 for notes, PEP 654 for groups, PEP 3134 for causes and contexts.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator
from itertools import islice
from types import CodeType, FunctionType, ModuleType, TracebackType
from typing import Any

import miniframe
from miniframe.utils.installed import is_installed
from miniframe.views.report.data import Frame, Marks, Raised, Row
from miniframe.views.report.editor import editor_of
from miniframe.views.report.filter import SafeExceptionReporterFilter
from miniframe.views.report.values import ValuePrinter

__all__ = ["Reader", "is_of_project", "project_files", "read_chain"]

# Lines of source on either side of the one that failed, and characters of a line.
AROUND = 6
LONGEST_LINE = 500
# Of one exception: frames (an endless recursion has a thousand), variables of a frame, members of a group, links of a
# chain.
MOST_FRAMES = 80
MOST_VARIABLES = 60
MOST_MEMBERS = 5
LONGEST_CHAIN = 8
MOST_NOTES = 20
LONGEST_NOTE = 5000
# The last line, or column, that a place may have.
LAST_LINE = 1_000_000

_FRAMEWORK = os.path.dirname(os.path.abspath(miniframe.__file__)) + os.sep
_STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
# What Jinja2 and we put into every context: no variables of anybody's.
_TEMPLATE_GLOBALS = frozenset(
    "range dict lipsum cycler joiner namespace url static csrf_input csrf_token csp_nonce "
    "messages DEFAULT_MESSAGE_LEVELS".split()
)
_DEFINITIONS = (type, ModuleType, FunctionType)


def read_chain(
    exception: BaseException,
    traceback: TracebackType | None,
    request: Any,
    safe: SafeExceptionReporterFilter,
    printer: ValuePrinter,
) -> Iterator[Raised]:
    """Yield the exception, then the one that led to it, and so on; an exception that is its own cause ends it.

    `traceback` is the first one's way, by default its own.
    """
    reader = Reader(request, safe, printer)
    current: BaseException | None = exception
    link, seen = "", set[int]()
    while current is not None and id(current) not in seen and len(seen) < LONGEST_CHAIN:
        seen.add(id(current))
        yield reader.read(current, traceback or current.__traceback__, link)
        traceback = None
        if current.__cause__ is not None:
            current, link = current.__cause__, "cause"
        else:
            current, link = (None if current.__suppress_context__ else current.__context__), "context"


def project_files(exception: BaseException | None) -> list[str]:
    """Return the files of the project through which the exception, and those that led to it, have come."""
    found: list[str] = []
    seen = set[int]()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        found += [call.tb_frame.f_code.co_filename for call in _visible(exception.__traceback__)]
        found += [str(exception.filename)] if isinstance(exception, SyntaxError) and exception.filename else []
        exception = exception.__cause__ or exception.__context__
    return [file for file in dict.fromkeys(found) if is_of_project(file)]


def is_of_project(file: str) -> bool:
    """Return whether the file is Python source of the project, and not of a library or of ours."""
    return file.endswith(".py") and _origin(file) == "project"


class Reader:
    """Reads exceptions and tracebacks; holds what all frames of one report share."""

    def __init__(self, request: Any, safe: SafeExceptionReporterFilter, printer: ValuePrinter) -> None:
        self.request = request
        self.safe = safe
        self.printer = printer
        self._editor = editor_of(os.environ)
        self._masked: dict[tuple[str, int], list[str]] = {}

    def read(self, exception: BaseException, traceback: TracebackType | None, link: str, depth: int = 2) -> Raised:
        """Return what is to be known about one exception; `depth` bounds groups within groups."""
        calls = _visible(traceback)
        left_out = max(0, len(calls) - MOST_FRAMES)
        if left_out:
            # The start shows who called, the end what failed; the middle of a recursion repeats itself.
            calls = [*calls[: MOST_FRAMES // 2], *calls[-MOST_FRAMES // 2 :]]
        frames = [self._frame(call) for call in calls]
        unparsed = list(self._where_it_cannot_be_parsed(exception))
        members = exception.exceptions if isinstance(exception, BaseExceptionGroup) and depth else ()
        return Raised(
            kind=_qualified(type(exception)),
            message=self.printer.message_of(exception),
            notes=self._notes(exception),
            link=link,
            frames=(*_without_end(frames, unparsed), *unparsed, *(() if link else self._the_view(frames))),
            left_out=left_out,
            members=tuple(self.read(each, each.__traceback__, "member", depth - 1) for each in members[:MOST_MEMBERS]),
        )

    def printed_frame(self, file: str, function: str, line: int, columns: tuple[int, int] | None) -> Frame:
        """Return the frame of a call that is known from a printed traceback.

        `columns` are what its carets cover, counted in characters from the first one that is not blank.
        """
        text = next(iter(_lines_of(file)[line - 1 :]), "")
        indent = len(text) - len(text.lstrip())
        return self.frame_at(file, function, line, columns and (indent + columns[0], indent + columns[1]))

    def frame_at(self, file: str, function: str, line: int, columns: tuple[int, int] | None) -> Frame:
        """Return the frame of a place; `columns` are what is to be marked, in characters from the line's first one."""
        lines = _lines_of(file)
        marks = _in_bytes(Marks(line, columns[0], line, columns[1]), lines) if columns else None
        return self._with_source(file, function, line, lines, marks)

    def _notes(self, exception: BaseException) -> tuple[str, ...]:
        notes = getattr(exception, "__notes__", None)
        # A list of text, says PEP 678; but anybody can set it to anything.
        rows = notes[:MOST_NOTES] if isinstance(notes, list) else ()
        return tuple(
            self.safe.scrub(note, self.request)[:LONGEST_NOTE] if type(note) is str else self.printer.show(note)
            for note in rows
        )

    def _frame(self, call: TracebackType) -> Frame:
        code = call.tb_frame.f_code
        # Jinja2 puts a made-up frame where a template failed: its line is the template's, its columns are
        # those of Python that nobody wrote, and only co_name says which block it was.
        template = not code.co_filename.endswith(".py")
        marks = None if template else _marks(code, call.tb_lasti)
        lines = _lines_of(code.co_filename, call.tb_frame.f_globals)
        return self._with_source(
            code.co_filename,
            code.co_name if template else getattr(code, "co_qualname", code.co_name),
            call.tb_lineno,
            lines,
            marks,
            self._variables(call),
        )

    def _with_source(
        self,
        file: str,
        function: str,
        line: int,
        lines: list[str],
        marks: Marks | None,
        variables: tuple[Row, ...] = (),
    ) -> Frame:
        last = max(line, marks.end_line if marks else 0)
        first = max(1, line - AROUND)
        shown = [text.rstrip("\n")[:LONGEST_LINE] for text in lines[first - 1 : min(last, line + 20) + AROUND]]
        while shown and not shown[-1].strip():
            shown.pop()
        while shown and not shown[0].strip() and first < line:
            shown.pop(0)
            first += 1
        masked = self._without_secrets(file, lines)[first - 1 : first - 1 + len(shown)]
        safe = [self.safe.scrub_source(text) for text in masked]
        if marks is not None:
            marks = _in_characters(marks, lines)
        if marks is not None:
            failed = slice(max(0, marks.line - first), marks.end_line - first + 1)
            if safe[failed] != shown[failed]:
                marks = None  # the columns would point at the stars
        frame = Frame(file, function, line, _origin(file), first, tuple(safe), marks, variables)
        return frame._replace(link=self._editor.link(frame))

    def _without_secrets(self, file: str, lines: list[str]) -> list[str]:
        """Return the lines of a whole file as they may be shown: a secret may go over several of them."""
        if _origin(file) != "project" or not file.endswith(".py"):
            return [text.rstrip("\n")[:LONGEST_LINE] for text in lines]
        # Not always the whole file: of a view that returned None the lines after it are left out.
        key = (file, len(lines))
        if key not in self._masked:
            text = "\n".join(text.rstrip("\n") for text in lines)
            self._masked[key] = [text[:LONGEST_LINE] for text in self.safe.mask_file(text).split("\n")]
        return self._masked[key]

    def _variables(self, call: TracebackType) -> tuple[Row, ...]:
        if call.tb_frame.f_code.co_filename.startswith("<frozen importlib"):
            # Python's own import, which holds whole files, settings among them.
            return ()
        try:
            pairs = self.safe.get_traceback_frame_variables(self.request, call.tb_frame)
        except Exception as error:  # a filter of the project's own
            return (Row("(variables)", f"the filter raised {type(error).__name__}: {self.printer.message_of(error)}"),)
        template = not call.tb_frame.f_code.co_filename.endswith(".py")
        rows = []
        for name, value in pairs:
            # With exec() anything can be the name of a variable.
            if not isinstance(name, str) or name.startswith("__") or (template and name in _TEMPLATE_GLOBALS):
                continue
            # Not isinstance(), which asks a lazy object what it is, and so wakes it.
            if call.tb_frame.f_code.co_name == "<module>" and issubclass(type(value), _DEFINITIONS):
                continue  # imports and definitions say nothing that the source does not
            rows.append(
                Row(
                    name,
                    self.safe.cleansed_substitute
                    if value is self.safe.cleansed_substitute
                    else self.printer.show(value, name),
                )
            )
            if len(rows) == MOST_VARIABLES:
                break
        return tuple(rows)

    def _the_view(self, frames: list[Frame]) -> Iterator[Frame]:
        """Yield a frame for the view itself if it was called and is not on the way: it returned None, say."""
        match = getattr(self.request, "resolver_match", None)
        # What fails after that function has returned is the fault of a middleware.
        called = any(frame.function.endswith("._get_response") for frame in frames)
        if match is None or not called or any(frame.origin == "project" for frame in frames):
            return
        code = getattr(match.func, "__code__", None)
        if code is None or _origin(code.co_filename) != "project":
            return
        lines = _lines_of(code.co_filename)
        start = code.co_firstlineno
        end = max((line for _, _, line in code.co_lines() if line), default=start)
        yield self._with_source(code.co_filename, code.co_qualname, start, lines[:end], None)

    def _where_it_cannot_be_parsed(self, exception: BaseException) -> Iterator[Frame]:
        """Yield a frame for the place in a file that its parser stumbled over: no call was made there."""
        if isinstance(exception, SyntaxError) and exception.filename and exception.lineno and _is_place(exception):
            lines = _lines_of(exception.filename) or [""] * (exception.lineno - 1) + [exception.text or ""]
            marks = None
            if exception.offset and exception.offset > 0:
                end_line = exception.end_lineno or exception.lineno
                end = (exception.end_offset or 0) - 1
                # Already characters, counted from 1; `_in_characters` wants the bytes of PEP 657.
                marks = _in_bytes(
                    Marks(exception.lineno, exception.offset - 1, end_line, max(end, exception.offset)), lines
                )
            yield self._with_source(exception.filename, "", exception.lineno, lines, marks)
        broken = getattr(exception, "template_debug", None)
        if isinstance(broken, dict) and broken.get("source_lines"):
            numbers = dict(broken["source_lines"])
            lines = [f"{numbers.get(number, '')}\n" for number in range(1, max(numbers) + 1)]
            yield self._with_source(str(broken.get("name")), "", int(broken["line"]), lines, None)


def _is_place(error: SyntaxError) -> bool:
    """Return whether this says where as a parser says it: other code may have put anything there."""
    numbers = (error.lineno, error.offset, error.end_lineno, error.end_offset)
    return all(isinstance(text, str) for text in (error.filename, error.text or "")) and all(
        number is None or (isinstance(number, int) and -1 <= number <= LAST_LINE) for number in numbers
    )


def _lines_of(file: str, module_globals: dict[str, Any] | None = None) -> list[str]:
    """Return the lines of a file as they are now: a template is read anew when it was changed."""
    linecache.checkcache(file)
    return linecache.getlines(file, module_globals)


def _without_end(frames: list[Frame], unparsed: list[Frame]) -> list[Frame]:
    """Return the frames without a last one at the line that could not be parsed, which Jinja2 makes up as a call."""
    same = frames and unparsed and (frames[-1].file, frames[-1].line) == (unparsed[0].file, unparsed[0].line)
    return frames[:-1] if same else frames


def _visible(traceback: TracebackType | None) -> list[TracebackType]:
    calls = []
    while traceback is not None:
        # A widely used convention (pytest, Django): such a frame is machinery that hides itself.
        if not traceback.tb_frame.f_locals.get("__traceback_hide__"):
            calls.append(traceback)
        traceback = traceback.tb_next
    return calls


def _marks(code: CodeType, instruction: int) -> Marks | None:
    """Return what the failing instruction covers, in bytes; None if Python was told not to keep columns."""
    if instruction < 0:
        return None
    position = next(islice(code.co_positions(), instruction // 2, None), (None, None, None, None))
    line, end_line, column, end_column = position
    if line is None or end_line is None or column is None or end_column is None:
        return None
    return Marks(line, column, end_line, end_column)


def _in_characters(marks: Marks, lines: list[str]) -> Marks | None:
    """Turn columns counted in bytes of UTF-8 into characters; None if the file is not what was run."""
    if marks.end_line > len(lines):
        return None
    start = lines[marks.line - 1].encode()[: marks.column].decode(errors="replace")
    end = lines[marks.end_line - 1].encode()[: marks.end_column].decode(errors="replace")
    return Marks(marks.line, len(start), marks.end_line, len(end))


def _in_bytes(marks: Marks, lines: list[str]) -> Marks | None:
    if marks.end_line > len(lines):
        return None
    start = lines[marks.line - 1][: marks.column].encode()
    end = lines[marks.end_line - 1][: marks.end_column].encode()
    return Marks(marks.line, len(start), marks.end_line, len(end))


def _origin(file: str) -> str:
    if file.startswith(_FRAMEWORK):
        return "framework"
    if is_installed(file) or file.startswith((_STANDARD_LIBRARY, "<frozen ")):
        return "library"
    return "project"


def _qualified(kind: type[BaseException]) -> str:
    module = kind.__module__
    return kind.__qualname__ if module in ("builtins", "__main__") else f"{module}.{kind.__qualname__}"
