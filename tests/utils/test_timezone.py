"""Time zones: beside Django on the same moments, and what threads and settings do to the current zone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from django.test.utils import override_settings as django_override_settings
from django.utils import timezone as django_timezone

from miniframe.test.utils import override_settings
from miniframe.utils import timezone as our_timezone

BERLIN = ZoneInfo("Europe/Berlin")
NEPAL = timezone(timedelta(hours=5, minutes=45))
SUMMER = datetime(2024, 7, 1, 12)
TWICE = datetime(2024, 10, 27, 2, 30, fold=1)
AWARE = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)

CALLS: dict[str, Callable[[Any], Any]] = {
    "fixed-minutes": lambda tz: repr(tz.get_fixed_timezone(90)),
    "fixed-west": lambda tz: repr(tz.get_fixed_timezone(-645)),
    "fixed-timedelta": lambda tz: repr(tz.get_fixed_timezone(timedelta(hours=1))),
    "fixed-nothing": lambda tz: repr(tz.get_fixed_timezone(0)),
    "default": lambda tz: (str(tz.get_default_timezone()), tz.get_default_timezone_name()),
    "current": lambda tz: (str(tz.get_current_timezone()), tz.get_current_timezone_name()),
    "current-of-utc": lambda tz: in_zone(tz, UTC, tz.get_current_timezone_name),
    "current-by-name": lambda tz: in_zone(tz, "Asia/Tokyo", tz.get_current_timezone_name),
    "current-of-offset": lambda tz: in_zone(tz, NEPAL, tz.get_current_timezone_name),
    "localtime": lambda tz: tz.localtime(AWARE).isoformat(),
    "localtime-elsewhere": lambda tz: tz.localtime(AWARE, NEPAL).isoformat(),
    "localtime-of-naive": lambda tz: tz.localtime(SUMMER),
    "localdate": lambda tz: tz.localdate(AWARE, BERLIN),
    "localdate-of-now": lambda tz: abs(tz.localdate() - datetime.now(ZoneInfo("Europe/Paris")).date()) < timedelta(2),
    "aware": lambda tz: (tz.is_aware(AWARE), tz.is_naive(AWARE)),
    "naive": lambda tz: (tz.is_aware(SUMMER), tz.is_naive(SUMMER)),
    "make-aware": lambda tz: tz.make_aware(SUMMER).isoformat(),
    "make-aware-elsewhere": lambda tz: tz.make_aware(SUMMER, NEPAL).isoformat(),
    "make-aware-second-time": lambda tz: tz.make_aware(TWICE, BERLIN).isoformat(),
    "make-aware-of-aware": lambda tz: tz.make_aware(AWARE),
    "make-naive": lambda tz: tz.make_naive(AWARE).isoformat(),
    "make-naive-elsewhere": lambda tz: tz.make_naive(AWARE, NEPAL).isoformat(),
    "make-naive-of-naive": lambda tz: tz.make_naive(SUMMER),
    "make-naive-of-a-date": lambda tz: tz.make_naive(date(2024, 1, 1)),
    "unknown": lambda tz: tz.activate("Mars/Olympus"),
    "outside": lambda tz: tz.activate("../../etc/passwd"),
}


def in_zone(tz: Any, zone: tzinfo | str, call: Callable[[], object]) -> object:
    with tz.override(zone):
        return call()


def outcome(call: Callable[[Any], Any], tz: Any) -> object:
    try:
        return call(tz)
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_zones_and_moments_are_as_djangos(call: Callable[[Any], Any], use_tz: bool) -> None:
    with django_override_settings(TIME_ZONE="Europe/Paris", USE_TZ=use_tz):
        theirs = outcome(call, django_timezone)
    with override_settings(TIME_ZONE="Europe/Paris", USE_TZ=use_tz):
        assert outcome(call, our_timezone) == theirs


def test_now_is_aware_if_the_site_uses_time_zones() -> None:
    with override_settings(USE_TZ=True):
        assert our_timezone.now().tzinfo is UTC
        assert abs(datetime.now(UTC) - our_timezone.now()) < timedelta(minutes=1)
    with override_settings(USE_TZ=False):
        assert our_timezone.now().tzinfo is None


def test_an_override_ends_with_its_block_or_function_and_may_be_nested() -> None:
    @our_timezone.override("Asia/Tokyo")
    def name(deeper: int = 0) -> str:
        return name(deeper - 1) if deeper else our_timezone.get_current_timezone_name()

    default = our_timezone.get_default_timezone_name()
    with our_timezone.override(BERLIN):
        assert name(deeper=2) == "Asia/Tokyo"
        with our_timezone.override(None):
            assert our_timezone.get_current_timezone_name() == default
        assert our_timezone.get_current_timezone() is BERLIN
    assert our_timezone.get_current_timezone_name() == default


def test_an_activated_zone_holds_for_its_thread_alone() -> None:
    seen: list[str] = []
    our_timezone.activate(BERLIN)
    try:
        thread = Thread(target=lambda: seen.append(our_timezone.get_current_timezone_name()))
        thread.start()
        thread.join()
        assert our_timezone.get_current_timezone() is BERLIN
    finally:
        our_timezone.deactivate()
    assert seen == [our_timezone.get_default_timezone_name()]


@pytest.mark.parametrize(
    ("zone", "error"),
    [(3600, ValueError), (b"UTC", ValueError), ("Mars/Olympus", ZoneInfoNotFoundError), ("/etc/passwd", ValueError)],
)
def test_what_is_no_zone_is_not_activated(zone: Any, error: type[Exception]) -> None:
    with pytest.raises(error), our_timezone.override(zone):
        pass
    assert our_timezone.get_current_timezone() is our_timezone.get_default_timezone()


def test_zoneinfo_is_loaded_only_by_those_who_leave_utc() -> None:
    code = (
        "import sys; from miniframe.conf import settings; settings.configure()\n"
        "from miniframe.utils import timezone; timezone.now()\n"
        "print('zoneinfo' in sys.modules); timezone.localtime(); print('zoneinfo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True"]
