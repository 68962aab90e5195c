"""unittest classes with the client and the assertions that Django's users know.

Source: Django's topic "Testing tools", section "Provided test case classes".
"""

from __future__ import annotations

import threading
import unittest
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from miniframe.conf.databases import own_databases
from miniframe.files import locks
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.servers.basehttp import ThreadingMixIn, WSGIRequestHandler, WSGIServer
from miniframe.test.assertions import Assertions
from miniframe.test.client import Client
from miniframe.test.owning import EachItsOwn
from miniframe.test.served import MediaFilesHandler, StaticRootHandler
from miniframe.test.utils import modify_settings, override_settings
from miniframe.utils.coroutines import as_plain_function, is_coroutine_function
from miniframe.utils.functional import classproperty

__all__ = [
    "LiveServerTestCase",
    "LiveServerThread",
    "QuietWSGIRequestHandler",
    "SerializeMixin",
    "SimpleTestCase",
    "TestCase",
    "TransactionTestCase",
]


class SimpleTestCase(Assertions):
    """A unittest class with `self.client` and assertions about responses."""

    client_class: type[Client] = Client
    client: Client
    _overridden_settings: dict[str, Any] | None = None
    _modified_settings: list[tuple[str, dict[str, Any]]] | None = None

    @classmethod
    def setUpClass(cls) -> None:
        """Apply the settings that decorators laid over the class."""
        super().setUpClass()
        for change in (
            override_settings(**cls._overridden_settings or {}),
            modify_settings(cls._modified_settings or []),
        ):
            cls.enterClassContext(change)

    def setUp(self) -> None:
        """Give each test a client of its own."""
        super().setUp()
        self._fresh_client()

    def _fresh_client(self) -> None:
        self.client = self.client_class()

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        """Run one test; a subclass whose setUp forgets super() has its client all the same.

        An `async def` test is run to its end; unittest would make a coroutine of it and call that a success.
        """
        self._fresh_client()
        method = getattr(self, self._testMethodName)
        if is_coroutine_function(method):
            setattr(self, self._testMethodName, as_plain_function(method))
        return super().run(result)

    def settings(self, **kwargs: Any) -> override_settings:
        """Override settings in a `with` block."""
        return override_settings(**kwargs)

    def modify_settings(self, **kwargs: Any) -> modify_settings:
        """Change settings that are lists in a `with` block."""
        return modify_settings(**kwargs)


class TransactionTestCase(SimpleTestCase):
    """SimpleTestCase whose tests use databases with real commits, which other threads see; then tables are emptied."""

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        """Run one test, and empty the tables behind it."""
        with _databases("committing"):
            return super().run(result)


class TestCase(SimpleTestCase):
    """SimpleTestCase with `setUpTestData`; what is done to databases is undone behind each test, and the class."""

    __test__: bool = False  # this class itself holds no tests; subclasses are found as unittest's

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    @classmethod
    def setUpClass(cls) -> None:
        """Prepare the class's data once; what a test then does to it, the next test does not see."""
        super().setUpClass()
        cls.enterClassContext(_databases("isolated"))
        before = dict(vars(cls))
        cls.setUpTestData()
        made = {name: value for name, value in vars(cls).items() if name not in before or value is not before[name]}
        for name, own in _each_its_own(made).items():
            setattr(cls, name, own)

    @classmethod
    def setUpTestData(cls) -> None:
        """Make what all tests of the class read; to be overridden."""

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        """Run one test, and undo what it did."""
        with _databases("isolated"):
            return super().run(result)


def _each_its_own(made: dict[str, Any]) -> dict[str, EachItsOwn]:
    """Return what takes the place of attributes that `setUpTestData` made."""
    if not own_databases():
        return {name: EachItsOwn(name, value) for name, value in made.items()}
    from miniframe.test.rows import keep  # SQLAlchemy: 150 ms, for projects that use it

    return keep(made)


def _databases(how: str) -> AbstractContextManager[None]:
    """Return the block in which tests may use the databases of the project, if there are any."""
    if not own_databases():
        return nullcontext()
    from miniframe.test.databases import databases  # SQLAlchemy: 150 ms, for projects that use it

    block: AbstractContextManager[None] = getattr(databases, how)()
    return block


class SerializeMixin(unittest.TestCase):
    """Test classes with the same `lockfile` (any file that exists) do not run at the same time in several processes."""

    lockfile: ClassVar[str | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.lockfile is None:
            raise ValueError(
                f"{cls.__name__}.lockfile isn't set. Set it to a unique value in the base class. "
                "The module's __file__ will do."
            )

    @classmethod
    def setUpClass(cls) -> None:
        """Wait for the lock, and keep it until the class is done."""
        file = open(str(cls.lockfile), "rb")  # noqa: SIM115  # closed, and so unlocked, with the class
        cls.addClassCleanup(file.close)
        locks.lock(file, locks.LOCK_EX)
        super().setUpClass()


class QuietWSGIRequestHandler(WSGIRequestHandler):
    """A request handler that does not write a line for each request."""

    def log_message(self, *args: Any) -> None:
        """Stay silent."""


class LiveServerThread(threading.Thread):
    """A real server in a thread; `is_ready` is set when it listens, or `error` says why it does not."""

    server_class: type[WSGIServer] = type("ThreadedWSGIServer", (ThreadingMixIn, WSGIServer), {})

    def __init__(self, host: str, static_handler: Callable[[Any], Any], port: int = 0, **kwargs: Any) -> None:
        self.host = host
        self.port: int = port
        self.is_ready: threading.Event = threading.Event()
        self.error: BaseException | None = None
        self.static_handler = static_handler
        super().__init__(daemon=True)

    def run(self) -> None:
        """Listen, tell so, serve until `terminate`."""
        try:
            self.httpd: WSGIServer = self._create_server()
            self.port = self.httpd.server_address[1]
            self.httpd.set_app(self.static_handler(MediaFilesHandler(WSGIHandler())))
            self.is_ready.set()
            self.httpd.serve_forever()
        except Exception as error:
            self.error = error
            self.is_ready.set()

    def _create_server(self) -> WSGIServer:
        return self.server_class((self.host, self.port), QuietWSGIRequestHandler)

    def terminate(self) -> None:
        """Stop serving and wait for the thread to end."""
        server: WSGIServer | None = getattr(self, "httpd", None)  # there is none where it could not be made
        if server is not None:
            server.shutdown()
            server.server_close()
        self.join()


class LiveServerTestCase(TransactionTestCase):
    """A test class with a real server on a free port, for a browser or any other client: `live_server_url`.

    It serves MEDIA_ROOT and STATIC_ROOT too; `staticfiles.testing` has one that needs no `collectstatic` before.
    """

    host = "localhost"
    port = 0
    server_thread_class: type[LiveServerThread] = LiveServerThread
    static_handler: Callable[[Any], Any] = StaticRootHandler
    server_thread: LiveServerThread

    @classmethod
    def setUpClass(cls) -> None:
        """Start the server, and allow its host."""
        super().setUpClass()
        cls.enterClassContext(modify_settings(ALLOWED_HOSTS={"append": cls.host}))
        cls._start_server_thread()

    @classmethod
    def _start_server_thread(cls) -> None:
        cls.server_thread = cls._create_server_thread()
        cls.server_thread.start()
        cls.addClassCleanup(cls.server_thread.terminate)
        cls.server_thread.is_ready.wait()
        if cls.server_thread.error:
            raise cls.server_thread.error

    @classmethod
    def _create_server_thread(cls) -> LiveServerThread:
        return cls.server_thread_class(cls.host, cls.static_handler, port=cls.port)

    @classproperty
    def live_server_url(cls) -> str:  # noqa: N805  # a property of the class
        """The address of the server, without a slash at its end."""
        return f"http://{cls.host}:{cls.server_thread.port}"
