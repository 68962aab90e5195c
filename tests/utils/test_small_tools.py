"""The other small tools: containers, lazy values, dotted paths, paths on disk, text, HTML, hashes, colour."""

from __future__ import annotations

import gzip
import logging
import os
import pickle
import re
import sys
import threading
from collections.abc import Callable
from copy import copy, deepcopy
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import SuspiciousFileOperation, ValidationError
from miniframe.urls import NoReverseMatch, reverse
from miniframe.utils import crypto, html, termcolors, text
from miniframe.utils._os import safe_join
from miniframe.utils.datastructures import CaseInsensitiveMapping, ImmutableList, MultiValueDict
from miniframe.utils.deconstruct import deconstructible
from miniframe.utils.decorators import classonlymethod, method_decorator
from miniframe.utils.functional import SimpleLazyObject, cached_property, classproperty, lazy
from miniframe.utils.log import (
    DEFAULT_LOGGING,
    ProjectFormatter,
    RequireDebugFalse,
    RequireDebugTrue,
    ServerFormatter,
    configure_logging,
    log_response,
)
from miniframe.utils.module_loading import import_string, module_has_submodule


def test_a_multi_value_dict_gives_the_last_value_and_keeps_all() -> None:
    values = MultiValueDict({"a": ["1", "2"], "b": []})
    assert values["a"] == "2"
    assert values["b"] == []
    assert values.get("b", "default") == "default"
    assert values.getlist("a") == ["1", "2"]
    assert values.getlist("none") == []
    assert dict(values.items()) == {"a": "2", "b": []}
    values.update({"a": "3"})
    values.appendlist("c", "4")
    assert values.dict() == {"a": "3", "b": [], "c": "4"}
    with pytest.raises(KeyError, match="nothing"):
        values["nothing"]


@pytest.mark.parametrize("duplicate", [copy, deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_of_a_multi_value_dict_has_its_own_lists(duplicate: Any) -> None:
    values = MultiValueDict({"a": ["1"]})
    other = duplicate(values)
    other.appendlist("a", "2")
    assert values.getlist("a") == ["1"]
    assert other.getlist("a") == ["1", "2"]


def test_an_immutable_list_says_why_it_does_not_change() -> None:
    fixed = ImmutableList([1, 2], warning="the handlers are set")
    assert fixed[0] == 1
    with pytest.raises(AttributeError, match="the handlers are set"):
        fixed.append(3)


def test_a_case_insensitive_mapping_keeps_the_first_spelling() -> None:
    headers = CaseInsensitiveMapping({"Content-Type": "a", "X-Y": "b"})
    assert headers["content-TYPE"] == "a"
    assert list(headers) == ["Content-Type", "X-Y"]
    assert headers == {"content-type": "a", "x-y": "b"}
    with pytest.raises(ValueError, match="only strings"):
        CaseInsensitiveMapping([(1, "a")])  # type: ignore[list-item]


def test_a_lazy_value_is_made_anew_at_each_use() -> None:
    calls: list[int] = []

    def count() -> str:
        calls.append(1)
        return f"call {len(calls)}"

    value = lazy(count, str)()
    assert not calls
    assert str(value) == "call 1"
    assert value.upper() == "CALL 2"
    assert value == "call 3"
    assert f"{value}" == "call 4"


def test_a_lazy_object_is_made_once_when_it_is_used() -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"a": 1}

    stand_in: Any = SimpleLazyObject(make)
    assert "SimpleLazyObject" in repr(stand_in)
    assert not made
    assert stand_in["a"] == 1
    assert isinstance(stand_in, dict)
    assert len(stand_in) == 1
    assert made == [1]


def test_a_cached_property_is_computed_once_and_again_after_del() -> None:
    class Thing:
        made = 0

        @cached_property
        def value(self) -> int:
            """How often."""
            self.made += 1
            return self.made

    thing = Thing()
    assert [thing.value, thing.value] == [1, 1]
    del thing.value
    assert [thing.value, Thing().value] == [2, 1]
    assert Thing.value.__doc__ == "How often."
    loose = cached_property(len)
    with pytest.raises(TypeError, match="without calling __set_name__"):
        loose.__get__("text")
    Thing.value.__set_name__(Thing, "value")
    with pytest.raises(TypeError, match=r"two different names \('value' and 'other'\)"):
        Thing.value.__set_name__(Thing, "other")


def test_a_cached_property_of_one_object_does_not_wait_for_another_objects() -> None:
    begun, other_done = threading.Event(), threading.Event()

    class Thing:
        def __init__(self, slow: bool) -> None:
            self.slow = slow

        @cached_property
        def value(self) -> bool:
            if not self.slow:
                return True
            begun.set()
            return other_done.wait(10)

    slow, seen = Thing(slow=True), []
    thread = threading.Thread(target=lambda: seen.append(slow.value))
    thread.start()
    assert begun.wait(10)
    assert Thing(slow=False).value
    other_done.set()
    thread.join()
    assert seen == [True]


def test_a_class_only_method_is_not_the_instances() -> None:
    class Thing:
        @classonlymethod
        def make(cls) -> str:  # noqa: N805  # a class method
            return str(cls.__name__)  # type: ignore[attr-defined]  # a class method

    assert Thing.make() == "Thing"
    with pytest.raises(AttributeError, match="only on the class"):
        _ = Thing().make


def test_a_class_property_belongs_to_the_class() -> None:
    class Thing:
        @classproperty
        def name(cls) -> str:  # noqa: N805
            return str(cls.__name__)  # type: ignore[attr-defined]

    assert Thing.name == "Thing"


def test_contract_20_a_bad_dotted_path_and_a_missing_attribute_are_told_apart() -> None:
    assert import_string("miniframe.utils.text.slugify") is text.slugify
    with pytest.raises(ImportError, match="nodots doesn't look like a module path"):
        import_string("nodots")
    with pytest.raises(ImportError, match="does not define a \"slugfy\" attribute/class; did you mean 'slugify'"):
        import_string("miniframe.utils.text.slugfy")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        import_string("no_such_module.thing")


def test_a_submodule_is_found_without_importing_it() -> None:
    import miniframe

    assert module_has_submodule(miniframe, "utils.text")
    assert not module_has_submodule(miniframe, "nothing")
    assert not module_has_submodule(miniframe, "nothing.below")
    assert not module_has_submodule(text, "x")


@pytest.mark.parametrize(
    "parts",
    [("..",), ("../etc",), ("a", "..", "..", "b"), ("/etc/passwd",), ("a/../../b",)],
)
def test_a_path_that_leaves_its_folder_is_refused(tmp_path: Path, parts: tuple[str, ...]) -> None:
    with pytest.raises(SuspiciousFileOperation, match="outside of the base path"):
        safe_join(tmp_path, *parts)


def test_a_path_inside_its_folder_is_joined(tmp_path: Path) -> None:
    assert safe_join(tmp_path, "a", "../b") == str(tmp_path / "b")
    assert safe_join(tmp_path) == str(tmp_path)
    assert safe_join("/", "etc") == "/etc"
    with pytest.raises(SuspiciousFileOperation):
        safe_join(tmp_path / "site", "../site-secret")


@pytest.mark.parametrize(
    ("value", "slug"),
    [(" Joel is a slug! ", "joel-is-a-slug"), ("Élan vital", "elan-vital"), ("__init__", "init"), ("a -- b", "a-b")],
)
def test_slugs(value: str, slug: str) -> None:
    assert text.slugify(value) == slug


def test_file_names_are_cleaned_and_empty_ones_refused() -> None:
    assert text.get_valid_filename("john's portrait in 2004.jpg") == "johns_portrait_in_2004.jpg"
    with pytest.raises(SuspiciousFileOperation):
        text.get_valid_filename("..")


def test_compression_streams_and_hides_its_length() -> None:
    parts = [b"a" * 1000, b"b" * 1000]
    packed = b"".join(text.compress_sequence(parts, max_random_bytes=100))
    assert gzip.decompress(packed) == b"".join(parts)
    lengths = {len(text.compress_string(b"a" * 1000, max_random_bytes=100)) for _ in range(50)}
    assert len(lengths) > 1
    assert gzip.decompress(text.compress_string(b"xyz", max_random_bytes=9)) == b"xyz"


def test_html_is_escaped_once() -> None:
    assert html.escape("<a href='x'>") == "&lt;a href=&#x27;x&#x27;&gt;"
    assert html.conditional_escape(html.escape("<")) == "&lt;"
    assert html.format_html("<b>{}</b>", "<i>") == "<b>&lt;i&gt;</b>"
    assert html.format_html_join(", ", "<i>{}</i>", [("a",), ("<",)]) == "<i>a</i>, <i>&lt;</i>"
    assert "</script>" not in html.json_script("</script>", "x")[20:-9]
    assert "'" not in html.escapejs("it's")
    with pytest.raises(TypeError, match="args or kwargs"):
        html.format_html("<b>nothing to escape</b>")


def test_random_strings_and_keyed_hashes() -> None:
    first, second = crypto.get_random_string(40), crypto.get_random_string(40)
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9]{40}", first)
    assert crypto.constant_time_compare("a", b"a")
    assert crypto.salted_hmac("a", "b", "c").hexdigest() != crypto.salted_hmac("x", "b", "c").hexdigest()
    with pytest.raises(crypto.InvalidAlgorithm, match="'nonsense'"):
        crypto.salted_hmac("a", "b", algorithm="nonsense")


@pytest.mark.parametrize(
    ("environ", "tty", "coloured"),
    [
        pytest.param({}, False, False, id="a-pipe"),
        pytest.param({}, True, True, id="a-terminal"),
        pytest.param({"NO_COLOR": "1"}, True, False, id="NO_COLOR"),
        pytest.param({"FORCE_COLOR": "1"}, False, True, id="FORCE_COLOR"),
        pytest.param({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False, id="NO_COLOR-wins"),
        pytest.param({"TERM": "dumb"}, True, False, id="dumb"),
    ],
)
def test_colour_is_used_where_it_is_seen(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tty: bool, coloured: bool
) -> None:
    class Stream:
        def isatty(self) -> bool:
            return tty

    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "MINIFRAME_COLORS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert termcolors.supports_color(Stream()) is coloured
    assert (termcolors.color_style(stream=Stream()).ERROR("x") != "x") is coloured


def test_a_palette_can_be_changed_and_nonsense_in_it_is_passed_over() -> None:
    style = termcolors.make_style("light;error=yellow,nonsense;unknown=red")
    assert style.ERROR("x") == "\x1b[33mx\x1b[0m"
    assert style.ANYTHING("x") == "x"


@pytest.mark.parametrize(
    ("status", "code"),
    [(200, None), (302, "32"), (304, "36"), (404, "33"), (403, "31;1"), (500, "35;1")],
)
def test_contract_50_a_line_is_painted_by_its_status(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str | None
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    formatter = ServerFormatter("[{server_time}] {message}", style="{")
    record = logging.LogRecord("miniframe.server", logging.INFO, "", 0, "GET %s", ("/",), None)
    record.status_code = status
    record.server_time = "now"
    expected = f"\x1b[{code}mGET /\x1b[0m" if code else "GET /"
    assert formatter.format(record) == f"[now] {expected}"
    assert record.getMessage() == "GET /"


def test_the_defaults_applied_by_hand_are_the_ones_that_are_documented() -> None:
    loggers = {name: logging.getLogger(name) for name in DEFAULT_LOGGING["loggers"]}
    before = {name: (each.handlers[:], each.level, each.propagate) for name, each in loggers.items()}
    try:
        configure_logging("logging.config.dictConfig", {})
        for name, documented in DEFAULT_LOGGING["loggers"].items():
            assert logging.getLevelName(loggers[name].level) == documented["level"]
            assert loggers[name].propagate is documented.get("propagate", True)
            for handler, handler_name in zip(loggers[name].handlers, documented["handlers"], strict=True):
                wanted = DEFAULT_LOGGING["handlers"][handler_name]
                assert logging.getLevelName(handler.level) == wanted["level"]
                formatter = DEFAULT_LOGGING["formatters"].get(wanted.get("formatter"), {}).get("()")
                made = handler.formatter and f"{type(handler.formatter).__module__}.{type(handler.formatter).__name__}"
                assert made == formatter
                filters = [DEFAULT_LOGGING["filters"][each]["()"] for each in wanted.get("filters", [])]
                assert [f"{type(each).__module__}.{type(each).__qualname__}" for each in handler.filters] == filters
        configure_logging("logging.config.dictConfig", {})
        assert len(loggers["miniframe"].handlers) == 2
    finally:
        for name, (handlers, level, propagate) in before.items():
            loggers[name].handlers[:], loggers[name].propagate = handlers, propagate
            loggers[name].setLevel(level)


def failed_record(call: Callable[[], object]) -> logging.LogRecord:
    try:
        call()
    except Exception:
        return logging.LogRecord("miniframe.request", logging.ERROR, "", 0, "Oops", None, sys.exc_info())
    raise AssertionError("it should have failed")


def through_the_framework(inner: Callable[[], object]) -> object:
    return SimpleLazyObject(inner) == 1


def test_the_console_shows_the_calls_of_the_project_and_where_it_was_raised() -> None:
    def view() -> object:
        return reverse("no-such-name")

    record = failed_record(lambda: through_the_framework(view))
    text = ProjectFormatter().format(record)
    files = re.findall(r'File "([^"]+)", line \d+, in (\S+)', text)
    assert [name for file, name in files if file == __file__] == [
        "failed_record",
        "<lambda>",
        "through_the_framework",
        "view",
    ]
    assert [os.path.basename(file) for file, _ in files if file != __file__] == ["reversing.py"]
    assert re.search(r"\n\(\d+ of the calls are miniframe's own and not shown\.\)$", text)
    whole = logging.Formatter().format(record)
    assert "functional.py" in whole


def test_what_led_to_an_error_is_shown_unless_it_was_hidden() -> None:
    def text(hide: bool) -> str:
        def view() -> object:
            try:
                return reverse("no-such-name")
            except NoReverseMatch as error:
                raise LookupError("oops") from (None if hide else error)

        return ProjectFormatter().format(failed_record(lambda: through_the_framework(view)))

    shown, hidden = text(False), text(True)
    assert ["NoReverseMatch" in each for each in (shown, hidden)] == [True, False]
    left_out = [int(each.rpartition("\n(")[2].partition(" ")[0]) for each in (shown, hidden)]
    assert left_out[0] > left_out[1] > 0


def test_an_error_inside_the_framework_alone_is_shown_whole() -> None:
    def project() -> None:
        import_string("miniframe.no_such_module.name")

    record = failed_record(project)
    assert record.exc_info is not None
    kind, error, way = record.exc_info
    while way is not None and way.tb_frame.f_code.co_filename == __file__:
        way = way.tb_next
    text = ProjectFormatter().formatException((kind, error, way))
    assert "module_loading.py" in text
    assert "frozen importlib" in text
    assert "not shown" not in text


def test_a_path_cannot_forge_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class Response:
        status_code = 404
        _has_been_logged = False

    log_response("Not Found: %s", "/a\n[date] GET /forged 200", response=Response())
    assert caplog.messages == ["Not Found: /a\\n[date] GET /forged 200"]


def test_a_response_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    class Response:
        status_code = 500
        _has_been_logged = False

    response = Response()
    log_response("Oops", response=response)
    log_response("Oops", response=response)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def _handler(level: int, *filters: logging.Filter) -> logging.Handler:
    handler = logging.NullHandler(level)
    handler.filters[:] = filters
    return handler


@pytest.mark.parametrize(
    ("handlers", "filters", "made"),
    [
        pytest.param([_handler(logging.WARNING)], [], 1, id="taken"),
        pytest.param([_handler(logging.ERROR)], [], 0, id="of-no-interest"),
        pytest.param([_handler(0, RequireDebugTrue())], [], 0, id="for-development-only"),
        pytest.param([_handler(0, RequireDebugFalse())], [], 1, id="for-production-only"),
        pytest.param([_handler(logging.ERROR), _handler(0)], [], 1, id="taken-by-the-second"),
        pytest.param([_handler(logging.ERROR)], [logging.Filter()], 1, id="a-filter-wants-to-see-all"),
        pytest.param([], [], 1, id="without-handlers-there-is-one-of-last-resort"),
    ],
)
def test_a_record_that_no_handler_would_take_is_not_made(
    handlers: list[logging.Handler], filters: list[logging.Filter], made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Response:
        status_code = 404

    class Counting(logging.Logger):
        made = 0

        def makeRecord(self, *args: Any, **kwargs: Any) -> logging.LogRecord:  # logging's name
            self.made += 1
            return super().makeRecord(*args, **kwargs)

    monkeypatch.setattr(logging, "lastResort", logging.NullHandler())
    logger = Counting("alone")
    logger.handlers, logger.filters = handlers, list(filters)
    log_response("Not Found", response=Response(), logger=logger)
    assert logger.made == made


def test_a_function_decorator_is_applied_to_a_method() -> None:
    def loud(function: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> str:
            return str(function(*args, **kwargs)).upper()

        wrapper.is_loud = True  # type: ignore[attr-defined]
        return wrapper

    @method_decorator(loud, name="say")
    class Speaker:
        def say(self, word: str) -> str:
            return word

    assert Speaker().say("hello") == "HELLO"
    assert Speaker.say.is_loud  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="must be the name of a method"):
        method_decorator(loud, name="shout")(Speaker)


def test_a_validation_error_gives_its_messages() -> None:
    assert ValidationError("%(n)s is odd", params={"n": 3}).messages == ["3 is odd"]
    assert ValidationError([ValidationError("a"), "b"]).messages == ["a", "b"]


@pytest.mark.parametrize("decorator", [deconstructible, deconstructible(path="shop.Box"), deconstructible()])
def test_a_class_that_django_could_write_down_moves_over(decorator: Any) -> None:
    class Box:
        """A storage, say."""

    assert decorator(Box) is Box
