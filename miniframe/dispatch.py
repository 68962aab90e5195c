"""Signals: a sender announces that something happened, receivers are called.

Sending costs one truth test while nobody listens (`if signal.receivers:`), which is why the
list of receivers is a plain public list.

Source: Django's topic "Signals".
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Iterable
from types import CoroutineType
from typing import Any, TypeVar

from miniframe.utils.coroutines import run_coroutine

__all__ = ["Signal", "receiver"]

logger: logging.Logger = logging.getLogger("miniframe.dispatch")

Receiver = Callable[..., Any]
F = TypeVar("F", bound=Receiver)
E = TypeVar("E", bound=BaseException)


def _identity(target: Any) -> Any:
    """Return a key that two references to the same function or bound method share."""
    if hasattr(target, "__func__"):
        return (id(target.__self__), id(target.__func__))
    return id(target)


class _Entry:
    """One receiver with the sender it listens to; `get()` is None once the receiver is gone."""

    __slots__ = ("get", "key", "sender_ref")

    def __init__(self, key: Any, get: Callable[[], Receiver | None], sender: Any) -> None:
        self.key = key
        self.get = get
        # The id stays in the key; the reference tells whether that id still means the same object.
        self.sender_ref = None if sender is None else _reference(sender)

    def hears(self, sender: Any) -> bool:
        return self.sender_ref is None or self.sender_ref() is sender


def _reference(target: Any) -> Callable[[], Any]:
    """Return a weak reference to `target`, or a strong one where it cannot be referred to weakly."""
    try:
        return weakref.ref(target)
    except TypeError:
        return lambda: target


class Signal:
    """A thing that can happen.  Receivers take `sender` and keyword arguments, and must accept `**kwargs`."""

    def __init__(self, use_caching: bool = False) -> None:
        self.receivers: list[_Entry] = []
        self.lock: threading.Lock = threading.Lock()
        # Django caches receivers by sender; here the list is short and already filtered, so there is nothing to cache.
        self.use_caching = use_caching

    def connect(
        self,
        receiver: Receiver,
        sender: Any = None,
        weak: bool = True,
        dispatch_uid: object = None,
        *,
        first: bool = False,
    ) -> None:
        """Call `receiver` whenever `sender` (None: anyone) sends this signal; with `first`, before the others so far.

        A second connection of the same receiver (or the same `dispatch_uid`) to the same sender changes nothing.
        `weak` keeps no reference that would hold the receiver alive: a local function needs `weak=False`.
        """
        if not callable(receiver):
            raise TypeError(f"Signal receivers must be callable. {receiver!r} is not.")
        key = (
            _identity(receiver) if dispatch_uid is None else dispatch_uid,
            id(sender) if sender is not None else None,
        )
        get: Callable[[], Receiver | None]
        if not weak:
            get = lambda: receiver  # noqa: E731
        elif hasattr(receiver, "__func__"):
            get = weakref.WeakMethod(receiver, lambda _: self._sweep())
        else:
            get = weakref.ref(receiver, lambda _: self._sweep())
        with self.lock:
            alive = [entry for entry in self.receivers if entry.get() is not None]
            if all(entry.key != key for entry in alive):
                alive.insert(0 if first else len(alive), _Entry(key, get, sender))
            self.receivers = alive

    def disconnect(self, receiver: Receiver | None = None, sender: Any = None, dispatch_uid: object = None) -> bool:
        """Undo `connect` with the same arguments; return whether there was something to undo."""
        key = (
            _identity(receiver) if dispatch_uid is None else dispatch_uid,
            id(sender) if sender is not None else None,
        )
        with self.lock:
            kept = [entry for entry in self.receivers if entry.key != key]
            found = len(kept) < len(self.receivers)
            self.receivers = kept
        return found

    def has_listeners(self, sender: Any = None) -> bool:
        """Return whether a `send` from this sender would reach anybody."""
        return bool(self._live(sender))

    def send(self, sender: Any, **named: Any) -> list[tuple[Receiver, Any]]:
        """Call every receiver in the order of connection; return (receiver, its result) pairs.

        An async receiver is run to its end.  Raises whatever a receiver raises; those after it are then not called.
        """
        if not self.receivers:
            return []
        return [(call, _finished(call(signal=self, sender=sender, **named))) for call in self._live(sender)]

    def send_to_all(self, sender: Any, **named: Any) -> None:
        """Do as `send` does, but call those behind a failed receiver too, as each of them may have something to free.

        Raises the first error behind; others are logged.
        """
        first: BaseException | None = None
        for call in self._live(sender):
            try:
                _finished(call(signal=self, sender=sender, **named))
            except BaseException as error:
                if first is None:
                    first = error
                else:
                    _logged(call, error, "send_to_all")
        if first is not None:
            raise first

    async def asend(self, sender: Any, **named: Any) -> list[tuple[Receiver, Any]]:
        """Do as `send` does, for async code: async receivers are awaited."""
        results: list[tuple[Receiver, Any]] = []
        for call in self._live(sender):
            result = call(signal=self, sender=sender, **named)
            results.append((call, await result if isinstance(result, CoroutineType) else result))
        return results

    def send_robust(self, sender: Any, **named: Any) -> list[tuple[Receiver, Any]]:
        """Call every receiver even if one fails; a failed one's result is its exception, which is logged."""
        results: list[tuple[Receiver, Any]] = []
        for call in self._live(sender):
            try:
                results.append((call, _finished(call(signal=self, sender=sender, **named))))
            except Exception as error:
                results.append((call, _logged(call, error)))
        return results

    async def asend_robust(self, sender: Any, **named: Any) -> list[tuple[Receiver, Any]]:
        """Do as `send_robust` does, for async code: async receivers are awaited."""
        results: list[tuple[Receiver, Any]] = []
        for call in self._live(sender):
            try:
                result = call(signal=self, sender=sender, **named)
                results.append((call, await result if isinstance(result, CoroutineType) else result))
            except Exception as error:
                results.append((call, _logged(call, error)))
        return results

    def _live(self, sender: Any) -> list[Receiver]:
        found = (entry.get() for entry in self.receivers if entry.hears(sender))
        return [call for call in found if call is not None]

    def _sweep(self) -> None:
        # Called by the garbage collector, perhaps while this very thread holds the lock: replace, never wait.
        self.receivers = [entry for entry in self.receivers if entry.get() is not None]


def _finished(result: Any) -> Any:
    return run_coroutine(result) if isinstance(result, CoroutineType) else result


def _logged(call: Receiver, error: E, method: str = "send_robust") -> E:
    name = getattr(call, "__qualname__", repr(call))
    logger.error("Error calling %s in Signal.%s() (%s)", name, method, error, exc_info=error)
    return error


def receiver(signal: Signal | Iterable[Signal], **kwargs: Any) -> Callable[[F], F]:
    """Connect the decorated function to one signal or several; `kwargs` go to `Signal.connect`."""
    signals = [signal] if isinstance(signal, Signal) else list(signal)

    def decorate(function: F) -> F:
        for each in signals:
            each.connect(function, **kwargs)
        return function

    return decorate
