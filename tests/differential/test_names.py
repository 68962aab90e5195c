"""Every public name of Django's modules in scope is here, or left out for a reason in the page of differences.

"Public" is what a module defines itself, or its package hands on, without a leading underscore: more than what is
documented, because people import that too.  Methods and the names of arguments are compared in the same way.
"""

from __future__ import annotations

import importlib
import inspect
import re
import types
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import django
import django.apps
import pytest
from django.conf import global_settings as django_defaults

from miniframe.conf import global_settings as our_defaults

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"

MODULES = """
apps conf conf.urls conf.urls.static
core.cache core.cache.backends.base core.cache.backends.dummy core.cache.backends.filebased core.cache.backends.locmem
core.cache.backends.redis core.cache.utils
core.checks core.checks.caches core.checks.files core.checks.registry core.checks.urls core.checks.security.base
core.checks.security.csrf core.checks.security.sessions
core.exceptions core.files core.files.base core.files.locks core.files.move core.files.storage core.files.temp
core.files.uploadedfile core.files.uploadhandler core.files.utils
core.handlers.base core.handlers.exception core.handlers.wsgi
core.management core.management.base core.management.color core.management.utils
core.paginator core.serializers.json core.servers.basehttp core.signals core.signing core.validators core.wsgi dispatch
contrib.messages contrib.messages.api contrib.messages.constants contrib.messages.context_processors
contrib.messages.middleware contrib.messages.storage contrib.messages.storage.base contrib.messages.storage.cookie
contrib.messages.storage.fallback contrib.messages.storage.session contrib.messages.test contrib.messages.utils
contrib.sessions.backends.base contrib.sessions.backends.cache contrib.sessions.backends.file
contrib.sessions.backends.signed_cookies contrib.sessions.exceptions contrib.sessions.middleware
contrib.sessions.serializers
contrib.staticfiles.finders contrib.staticfiles.storage contrib.staticfiles.testing contrib.staticfiles.urls
contrib.staticfiles.utils contrib.staticfiles.views
http http.cookie http.multipartparser http.request http.response
middleware.cache middleware.clickjacking middleware.common middleware.csrf middleware.gzip middleware.http
middleware.security shortcuts
template template.backends.base template.backends.utils template.context_processors template.exceptions
template.loader template.response templatetags.static
test test.client test.signals test.testcases test.utils
urls urls.base urls.conf urls.converters urls.exceptions urls.resolvers urls.utils
utils._os utils.cache utils.crypto utils.dateparse utils.datastructures utils.decorators utils.deprecation
utils.encoding utils.functional utils.html utils.http utils.log utils.module_loading utils.safestring utils.termcolors
utils.text utils.timezone utils.version
views views.csrf views.debug views.decorators.cache views.decorators.clickjacking views.decorators.common
views.decorators.csrf views.decorators.debug views.decorators.gzip views.decorators.http views.decorators.vary
views.defaults views.generic views.generic.base views.static
""".split()


def ours(module: str) -> str:
    """The one import rule."""
    return "miniframe." + module.removeprefix("core.").removeprefix("contrib.")


def public(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield what a module defines itself; of a package's face, what it hands on."""
    package = hasattr(module, "__path__")
    for name, value in vars(module).items():
        if name.startswith("_") or type(value) is types.ModuleType:
            continue
        # The class of a lazy object, whose own attributes would be those of what it stands for.
        home = value.__module__ if type(value) in (type, types.FunctionType) else type(value).__module__
        if home == module.__name__ or (package and home.startswith("django.")) or name.isupper():
            yield name, value


def missing(module: str) -> Iterator[str]:
    """Yield each name, method ("Class.method") and argument ("function(argument)") that Django has and we have not."""
    theirs, here = importlib.import_module(f"django.{module}"), importlib.import_module(ours(module))
    for name, value in public(theirs):
        if not hasattr(here, name):
            yield name
        elif issubclass(type(value), type) and inspect.isclass(getattr(here, name)):
            yield from missing_members(name, value, getattr(here, name))
        elif type(value) in (type, types.FunctionType):
            yield from missing_arguments(name, value, getattr(here, name))


def missing_members(name: str, theirs: Any, here: Any) -> Iterator[str]:
    for member in dir(theirs):
        home = next(base.__module__ for base in theirs.__mro__ if member in vars(base))
        if (member.startswith("_") and member != "__init__") or not home.startswith("django."):
            continue
        if inspect.getattr_static(here, member, None) is None and not is_annotated(here, member):
            yield f"{name}.{member}"
        elif callable(inspect.getattr_static(theirs, member)) or member in vars(theirs):
            yield from missing_arguments(f"{name}.{member}", *(method(each, member) for each in (theirs, here)))


def method(cls: type, name: str) -> Any:
    """Return a method; None for a property, which may fail on the class."""
    found = inspect.getattr_static(cls, name, None)
    return found.__func__ if isinstance(found, classmethod | staticmethod) else found


def is_annotated(cls: type, name: str) -> bool:
    """Return whether instances have an attribute of which the class has no more than the type."""
    if re.search(rf"self\.{name}(:| =)", _source(cls)):
        return True
    return any(name in vars(base).get("__annotations__", {}) for base in cls.__mro__)


@cache
def _source(cls: type) -> str:
    return "".join(inspect.getsource(base) for base in cls.__mro__ if base.__module__.startswith("miniframe"))


def missing_arguments(name: str, theirs: Any, here: Any) -> Iterator[str]:
    try:
        wanted, taken = (inspect.signature(each).parameters for each in (theirs, here))
    except (TypeError, ValueError):  # a class of C, say
        return
    if any(each.kind is each.VAR_KEYWORD for each in taken.values()):
        return
    for parameter in wanted.values():
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY) and parameter.name not in taken:
            yield f"{name}({parameter.name})"


# Each reason stands in the page of differences, in the table "Not here, on purpose".
LEFT_OUT: dict[str, dict[str, str]] = {
    "the ORM": {
        "apps": "AppConfig.default_auto_field AppConfig.get_model AppConfig.get_models AppConfig.import_models",
        "core.checks*": "Tags.database Tags.gis Tags.models",
        "core.exceptions": (
            "FieldDoesNotExist ObjectDoesNotExist MultipleObjectsReturned FieldError EmptyResultSet FullResultSet"
        ),
        "*": "*.deconstruct",
        "core.management*": (
            "DEFAULT_DB_ALIAS *.check(databases) *.check_migrations *.output_transaction *.requires_migrations_checks "
            "parse_apps_and_model_labels"
        ),
        "core.paginator": "UnorderedObjectListWarning",
        "core.serializers.json": "Serializer Deserializer",
        "shortcuts": "aget_object_or_404 aget_list_or_404",
        "*test*": (
            "*.assertNumQueries *.assertQuerySetEqual *.available_apps *.databases *.ensure_connection_patch_method "
            "*.fixtures *.reset_sequences *.serialized_rollback *.captureOnCommitCallbacks "
            "skip*DBFeature connections_support_* DatabaseOperationForbidden TestData CheckCondition DEFAULT_DB_ALIAS "
            "NO_DB_ALIAS setup_databases teardown_databases get_unique_databases_and_mirrors dependency_ordered "
            "CaptureQueriesContext isolate_apps register_lookup update_connections_time_zone clear_routers_cache "
            "clear_serializers_cache"
        ),
        "views.generic": (
            "ArchiveIndexView DateDetailView DayArchiveView MonthArchiveView TodayArchiveView WeekArchiveView "
            "YearArchiveView DetailView ListView GenericViewError"
        ),
    },
    "forms": {
        "conf": "FORMS_URLFIELD_ASSUME_HTTPS_DEPRECATED_MSG",
        "core.validators": "ip_address_validators get_available_image_extensions validate_image_file_extension",
        "views.generic": "CreateView DeleteView FormView UpdateView",
        "*test*": "*.assertFieldOutput *.assertFormError *.assertFormSetError form_renderer_changed",
    },
    "users and the admin": {
        "core.checks*": "Tags.admin",
        "test*": "*login *logout auth_password_validators_changed user_model_swapped",
    },
    "translations": {
        "core.checks*": "Tags.translation",
        "core.management.base": "no_translations",
        "template.context_processors": "i18n",
        "test.signals": "FORMAT_SETTINGS language_changed localize_settings_changed",
        "urls*": "translate_url Locale*",
    },
    "the Django template language": {
        "template": (
            "Engine VariableDoesNotExist Context ContextPopException RequestContext Node NodeList Origin Template "
            "Variable Library"
        ),
        "templatetags.static": "PrefixNode get_static_prefix get_media_prefix StaticNode do_static",
        "test*": "instrumented_test_render store_rendered_templates",
        "utils.html": "smart_urlquote Urlizer urlizer urlize strip_spaces_between_tags avoid_wrapping MAX_URL_LENGTH",
        "utils.text": (
            "wrap add_truncation_text calculate_truncate_chars_length Truncate*HTMLParser Truncator phone2numeric "
            "smart_split unescape_string_literal"
        ),
        "utils.timezone": "template_localtime",
    },
    "mail": {"middleware.common": "BrokenLinkEmailsMiddleware", "utils.log": "AdminEmailHandler"},
    "ASGI": {
        "core.exceptions": "RequestAborted SynchronousOnlyOperation",
        "core.handlers*": "*.adapt_method_mode *.get_response_async *.load_middleware(is_async)",
        "*test*": (
            "*Async* *.async_client_class *.adapt_method_mode *.get_response_async *.load_middleware(is_async) "
            "aclosing_iterator_wrapper Client.asession"
        ),
    },
    "names of arguments given by place": {
        "http*": "*Headers.*(key)",
        "core.cache*": "*.__init__(host) *.__init__(dir)",
        "core.checks.urls": "check_resolver(resolver)",
        "shortcuts": "*(klass)",
        "contrib.messages*": "*(obj)",
        "core.servers.basehttp": "*.log_exception(exc_info)",
        "test*": "*.decorate_callable(func) *(lru_cache_object)",
        "utils.termcolors": "make_style(opts)",
    },
    "insides of Django": {
        "*": "RemovedIn* RemovedAfter* PY3* PYPY *_ALIAS builtin_template_path RFC3986_* DEFAULT_LOCALE_ENCODING",
        "conf": "ImproperlyConfigured LazyObject SettingsReference",
        "core.cache*": (
            "BaseConnectionHandler ConnectionProxy import_string CacheHandler.* *.pickle_protocol RedisCacheClient.* "
            "TEMPLATE_FRAGMENT_KEY_TEMPLATE"
        ),
        "core.checks.security.sessions": "add_session_cookie_message add_httponly_message",
        "core.files.base": "endswith_cr endswith_lf equals_lf",
        "core.files.storage": "LazyObject *.OS_OPEN_FLAGS",
        "core.validators": (
            "*_re *_regex *.ul *.ipv* *.unsafe_chars DomainNameValidator.* URLValidator.flags "
            "URLValidator.inverse_match URLValidator.regex"
        ),
        "core.handlers*": "reset_urlconf get_exception_response handle_uncaught_exception",
        "core.management*": (
            "apps settings ImproperlyConfigured *.autocomplete CommandParser handle_default_options color_style "
            "DjangoHelpFormatter HAS_COLORAMA popen_wrapper handle_extensions find_command get_command_line_option "
            "normalize_path_patterns is_ignored_path find_formatters run_formatters"
        ),
        "core.servers.basehttp": "is_broken_pipe_error ServerHandler.* WSGIRequestHandler.disable_nagle_algorithm",
        "contrib.messages.*": (
            "import_string MessagePart*Serializer CookieStorage.not_finished_json bisect_keep_left bisect_keep_right"
        ),
        "contrib.sessions.backends.file": "VALID_KEY_CHARS",
        "contrib.staticfiles.*": (
            "AppDirectoriesFinder.find_in_app *.OS_OPEN_FLAGS *.keep_intermediate_files *.max_post_process_passes"
        ),
        "http.multipartparser": (
            "InputStreamExhausted RAW FILE FIELD FIELD_TYPES MultiPartParser.* LazyStream ChunkIter "
            "InterBoundaryIter BoundaryIter exhaust parse_boundary_stream Parser"
        ),
        "http.request": "bytes_to_text",
        "*test*": (
            "*.check_exception *.store_exc_info *.allowed_host *.enable_exception REDIRECT_STATUS_CODES "
            "closing_iterator_wrapper ClientMixin COMPLEX_OVERRIDE_SETTINGS *_changed clear_cache_handlers "
            "update_installed_apps reset_template_engines to_list is_pickable assert_and_parse_html FSFilesHandler "
            "TZ_SUPPORT Approximate iter_test_cases get_runner compare_xml extend_sys_path freeze_time "
            "require_jinja2 override_script_prefix* LoggingCaptureMixin *TimeKeeper garbage_collect "
            "QuietWSGIRequestHandler.disable_nagle_algorithm"
        ),
        "urls*": (
            "URLResolver.app_dict URLResolver.namespace_dict URLResolver.reverse_dict get_ns_resolver "
            "DEFAULT_CONVERTERS REGISTERED_CONVERTERS CheckURLMixin"
        ),
        "utils._os": "makedirs safe_makedirs symlinks_supported",
        "utils.datastructures": "OrderedSet DictWrapper",
        "utils.deprecation": "warn_about_renamed_method RenameMethodsBase",
        "utils.encoding": "punycode",
        "utils.functional": "new_method_proxy unpickle_lazyobject partition",
        "utils.html": "MAX_STRIP_TAGS_DEPTH MLStripper CountsDict",
        "utils.http": "MONTHS ETAG_MATCH *_DATE",
        "utils.log": "log_message",
        "utils.module_loading": "cached_import autodiscover_modules module_dir",
        "utils.safestring": "SafeText",
        "utils.termcolors": "RESET *_PALETTE parse_color_setting",
        "utils.text": "trim_value StreamingBuffer",
        "utils.version": "get_main_version get_docs_version get_git_changeset",
        "views.debug": (
            "DEBUG_ENGINE ExceptionCycleWarning CallableSettingWrapper get_caller "
            "SafeExceptionReporterFilter.cleanse_special_types "
            "ExceptionReporter.get_exception_traceback_frames ExceptionReporter.get_traceback_frames "
            "ExceptionReporter.html_template_path ExceptionReporter.text_template_path"
        ),
        "views.defaults": "ERROR_PAGE_TEMPLATE",
    },
}


def is_left_out(module: str, name: str) -> bool:
    return any(
        fnmatchcase(name, pattern)
        for tables in LEFT_OUT.values()
        for modules, patterns in tables.items()
        if fnmatchcase(module, modules)
        for pattern in patterns.split()
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_here_or_left_out_with_a_reason(module: str) -> None:
    if not django.apps.apps.ready:
        django.setup()
    assert [name for name in missing(module) if not is_left_out(module, name)] == []


SETTINGS_LEFT_OUT = {
    "the ORM": "ABSOLUTE_URL_OVERRIDES DATABASE_ROUTERS DEFAULT_*TABLESPACE DEFAULT_AUTO_FIELD FIXTURE_DIRS "
    "MIGRATION_* TEST_NON_SERIALIZED_APPS",
    "forms": "FORM*",
    "users and the admin": "AUTH* LOGIN_* LOGOUT_* PASSWORD_*",
    "translations": "LANGUAGE* LOCALE_PATHS *_FORMAT *_FORMATS FORMAT_* *_SEPARATOR NUMBER_GROUPING FIRST_DAY_OF_WEEK",
    "mail": "EMAIL_* DEFAULT_FROM_EMAIL SERVER_EMAIL MANAGERS IGNORABLE_404_URLS",
    "insides of Django": "SIGNED_COOKIE_LEGACY_SALT_FALLBACK",  # it has a row of its own
}


def test_every_setting_has_its_default_here_or_is_left_out_with_a_reason() -> None:
    left_out = [pattern for patterns in SETTINGS_LEFT_OUT.values() for pattern in patterns.split()]
    lacking = [name for name in dir(django_defaults) if name.isupper() and not hasattr(our_defaults, name)]
    assert [name for name in lacking if not any(fnmatchcase(name, pattern) for pattern in left_out)] == []


def test_the_defaults_are_djangos() -> None:
    common = [name for name in dir(django_defaults) if name.isupper() and hasattr(our_defaults, name)]
    moved = {name: repr(getattr(django_defaults, name)) for name in common}
    for old, new in (("django.core.", "miniframe."), ("django.contrib.", "miniframe."), ("django.", "miniframe.")):
        moved = {name: value.replace(old, new) for name, value in moved.items()}
    moved["DATABASES"] = "{}"  # Django writes into its own default once somebody asks for a connection
    other = {name for name in common if repr(getattr(our_defaults, name)) != moved[name]}
    assert other == {"SESSION_ENGINE", "TEST_RUNNER", "USE_I18N"}


def test_the_reasons_stand_in_the_page_of_differences() -> None:
    page = PAGE.read_text()
    assert [reason for reason in (*LEFT_OUT, *SETTINGS_LEFT_OUT) if f"| {reason} |" not in page] == []
