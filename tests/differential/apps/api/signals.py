"""Count requests, to show that signals arrive."""

from django.core.signals import request_finished, request_started
from django.dispatch import Signal, receiver

COUNTS = {"started": 0, "finished": 0, "changed": 0}
book_changed = Signal()


@receiver(request_started)
def started(sender, **kwargs):
    COUNTS["started"] += 1


@receiver(request_finished)
def finished(sender, **kwargs):
    COUNTS["finished"] += 1


@receiver(book_changed)
def changed(sender, book, **kwargs):
    COUNTS["changed"] += 1
    return book["id"]
