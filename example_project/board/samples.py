"""Sample notices, so that a new board has something to read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from miniframe.conf import settings

from board import store
from core.db import now


class Sample(NamedTuple):
    """One notice, and how many hours ago it was pinned."""

    hours: int
    category: str
    author: str
    title: str
    body: str


SAMPLES = (
    Sample(
        2,
        "office",
        "Harbour Master",
        "Swing bridge closed Thursday, 06:00 to 08:00",
        "The bridge is being greased. It will open for nobody in those two hours, not even for the mayor.\n\n"
        "Boats in the inner basin that want the morning tide: come out on Wednesday evening and take a "
        "visitor's berth on "
        "the east pontoon. It costs nothing that night.",
    ),
    Sample(
        7,
        "lost",
        "Ines, net loft",
        "Found: one left rubber boot, size 43",
        "Washed up at the slipway with a small crab living in it. The crab has been asked to leave.\n\n"
        "The boot hangs on the rail outside the net loft.",
    ),
    Sample(
        19,
        "sale",
        "Old Tam",
        "Clinker dinghy, 11 ft, oars and a story with her",
        "Larch on oak, built over there by the crane in 1974. Two new planks last winter. She leaks a little "
        "until she has "
        "drunk her fill, like her owner.\n\nWill swap for a shed.",
    ),
    Sample(
        26,
        "events",
        "The Mermaid's Rest",
        "Shanty evening, Saturday from eight",
        "Bring your voice; pitch can be hired at the bar. The choir from across the bay comes on the seven "
        "o'clock ferry "
        "and, tide willing, goes home again.",
    ),
    Sample(
        31,
        "crew",
        "MV Kittiwake",
        "Deckhand wanted for the islands run",
        "Six weeks, Mondays off. You can tie a bowline, lift a crate, and be civil to birdwatchers before "
        "breakfast.\n\n"
        "Ask for Marit on board, any day after the boat is in.",
    ),
    Sample(
        50,
        "office",
        "Harbour Master",
        "Fog signal test on the first of the month",
        "At noon, three long blasts. Please do not ring the lifeboat station about it. They know. They are "
        "standing next to it.",
    ),
    Sample(
        55,
        "sale",
        "Bakery on the quay",
        "Yesterday's bread, half price before seven",
        "Knock at the side door. Gulls are not served.",
    ),
    Sample(
        74,
        "lost",
        "Piet",
        "Lost: grey cat, answers to Admiral",
        "Last seen boarding a Danish yacht with great confidence. If you sail to Esbjerg, please look under "
        "the chart table.",
    ),
    Sample(
        98,
        "events",
        "Sailing club",
        "Children's raft race: build on Friday, sink on Sunday",
        "Barrels, pallets and rope are there; imagination is to be brought along. Life jackets are not a "
        "matter of taste.\n\n"
        "First start on Sunday an hour before high water. Last year's winners may not use the bathtub again.",
    ),
    Sample(
        121,
        "crew",
        "Lighthouse trust",
        "Two people who are not afraid of paint",
        "The lighthouse gets its red bands back. There are 168 steps and one very good view. Lunch is at the top.",
    ),
    Sample(
        150,
        "sale",
        "Jonas, berth 14",
        "Outboard, 6 hp, runs on the third pull",
        "Sometimes on the second. I have a bigger boat now and a smaller purse.",
    ),
    Sample(
        171,
        "events",
        "Port Merrow library",
        "Evening talk: how tide tables are made",
        "Four waves, two heavenly bodies and a brass machine with pulleys. With a model you may turn by "
        "hand. Tea and biscuits.",
    ),
    Sample(
        196,
        "office",
        "Harbour Master",
        "Speed in the harbour is four knots",
        "Four. Your wash knocked over a cup of tea in this office on Tuesday, and the tea has been entered in the log.",
    ),
    Sample(
        223,
        "lost",
        "Ferry office",
        "Found: an accordion, after the late ferry",
        "In its case, slightly damp, in good voice. Owner please describe the tune that was last played on it.",
    ),
    Sample(
        260,
        "crew",
        "Yacht Halcyon",
        "One berth free to the Azores",
        "We leave with the first settled weather. You should like night watches, and must like lentils.",
    ),
    Sample(
        301,
        "sale",
        "Chandlery",
        "Rope ends, by weight",
        "Everything under ten metres, all colours, no questions. Good for fenders, lanyards, dogs.",
    ),
)

_THINGS = (
    "oilskin jacket",
    "anchor, 10 kg",
    "pair of binoculars",
    "brass lamp",
    "folding bicycle",
    "crab pot",
    "kayak",
)
_PEOPLE = ("Marit", "Old Tam", "Ines", "Jonas", "the ferry crew", "Piet", "berth 22", "the sailing club", "Rosa")
_STATES = ("little used", "much loved", "nearly dry", "as good as new", "a bit salty", "honest about its age")


def fill_new_database(**kwargs: Any) -> None:
    """Receive `database_created`: pin the samples, if the settings want them."""
    if settings.SAMPLE_DATA:
        for sample in SAMPLES:
            pin(sample)


def pin(sample: Sample) -> None:
    """Pin one sample, as long ago as it says."""
    posted_at = now() - timedelta(hours=sample.hours)
    store.add(sample.title, sample.body, sample.category, sample.author, posted_at=posted_at)


def invent(first: int, count: int) -> Iterator[Sample]:
    """Yield the sample notices from number `first` up to `count`; after the handwritten ones come made-up small ads."""
    yield from SAMPLES[first:count]
    for number in range(max(first, len(SAMPLES)), count):
        chance = random.Random(number)
        thing, state, person = chance.choice(_THINGS), chance.choice(_STATES), chance.choice(_PEOPLE)
        category = chance.choice(("sale", "lost"))
        verb = "For sale" if category == "sale" else "Found"
        yield Sample(
            hours=320 + number * 7,
            category=category,
            author=person[0].upper() + person[1:],
            title=f"{verb}: {thing}, {state}",
            body=f"One {thing}, {state}. To be seen on the quay most evenings; ask for {person}.",
        )
