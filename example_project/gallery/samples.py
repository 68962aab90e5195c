"""Sample pictures for a new gallery, painted on the spot so that none need to be shipped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from miniframe.conf import settings
from miniframe.files import ContentFile

from core.db import now
from gallery import store
from gallery.kinds import PNG
from gallery.painting import Scene, paint


class Sample(NamedTuple):
    """One picture, and how many hours ago it was hung."""

    hours: int
    caption: str
    taken_by: str
    scene: Scene


SAMPLES = (
    Sample(
        5,
        "First boat out, ten past six",
        "Ines",
        Scene(
            sky=((92, 120, 168), (250, 196, 152)),
            sea=((232, 168, 138), (58, 84, 120)),
            land=(74, 78, 112),
            sun=(500, 262, 30),
            sunlight=(255, 236, 196),
            boats=((230, 356, 52), (360, 312, 20)),
            gulls=6,
        ),
    ),
    Sample(
        29,
        "The light, newly painted on one side",
        "Lighthouse trust",
        Scene(
            sky=((86, 158, 214), (208, 232, 240)),
            sea=((96, 168, 190), (16, 78, 112)),
            land=(70, 104, 82),
            sun=(120, 80, 34),
            sunlight=(255, 250, 222),
            boats=((210, 330, 26),),
            lighthouse=520,
            gulls=9,
        ),
    ),
    Sample(
        53,
        "Everybody home before the weather",
        "MV Kittiwake",
        Scene(
            sky=((44, 52, 70), (128, 136, 144)),
            sea=((92, 108, 116), (24, 36, 48)),
            land=(44, 52, 58),
            sun=(610, 120, 22),
            sunlight=(206, 210, 204),
            boats=((120, 332, 30), (220, 350, 40), (340, 372, 54)),
            sail=(222, 216, 206),
            fog=0.35,
        ),
    ),
    Sample(
        80,
        "Moon over the outer harbour",
        "Old Tam",
        Scene(
            sky=((10, 14, 38), (44, 58, 98)),
            sea=((38, 52, 92), (8, 12, 30)),
            land=(14, 18, 36),
            sun=(250, 96, 28),
            sunlight=(246, 240, 214),
            boats=((150, 350, 36),),
            sail=(112, 120, 150),
            lighthouse=560,
            stars=240,
        ),
    ),
    Sample(
        126,
        "Shanty evening, the walk home",
        "The Mermaid's Rest",
        Scene(
            sky=((84, 42, 92), (252, 140, 96)),
            sea=((224, 112, 92), (50, 30, 76)),
            land=(62, 34, 70),
            sun=(380, 282, 40),
            sunlight=(255, 216, 140),
            boats=((560, 336, 34), (640, 318, 20)),
            sail=(120, 60, 84),
            gulls=4,
        ),
    ),
    Sample(
        190,
        "Somewhere in here is the ferry",
        "Rosa",
        Scene(
            sky=((186, 196, 202), (222, 226, 226)),
            sea=((206, 214, 216), (128, 146, 156)),
            land=(150, 162, 168),
            sun=(440, 130, 26),
            sunlight=(250, 248, 240),
            boats=((310, 330, 28),),
            sail=(226, 226, 222),
            fog=0.8,
        ),
    ),
)


def fill_new_database(**kwargs: Any) -> None:
    """Receive `database_created`: hang the samples, if the settings want them."""
    if settings.SAMPLE_DATA:
        for number in range(len(SAMPLES)):
            hang(number)


def hang(number: int) -> None:
    """Paint and hang sample `number`; past the last one they begin anew, each painted a little differently."""
    sample = SAMPLES[number % len(SAMPLES)]
    again = number // len(SAMPLES)
    caption = sample.caption if not again else f"{sample.caption} ({again + 1})"
    posted_at = now() - timedelta(hours=sample.hours + 200 * again)
    store.add(ContentFile(paint(sample.scene, number)), PNG, caption, sample.taken_by, posted_at=posted_at)
