"""Paints the sample pictures: little seascapes, pixel by pixel, saved as PNG with the standard library alone.

The canvas is one bytearray, three bytes a pixel, row after row. Whole rows and columns are filled by slices, which is
what makes this quick enough to do while somebody waits for the first page.
"""

from __future__ import annotations

import math
import random
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

WIDTH, HEIGHT = 720, 480
HORIZON = 290

Colour = tuple[int, int, int]


class Scene(NamedTuple):
    """What to paint; `sun` is the column, row and radius of the sun or moon."""

    sky: tuple[Colour, Colour]
    sea: tuple[Colour, Colour]
    land: Colour
    sun: tuple[int, int, int]
    sunlight: Colour
    boats: tuple[tuple[int, int, int], ...] = ()  # column, row of the waterline, size
    sail: Colour = (250, 244, 230)
    lighthouse: int = 0  # its column; 0 for none
    stars: int = 0
    gulls: int = 0
    fog: float = 0.0


def paint(scene: Scene, seed: int) -> bytes:
    """Return `scene` as the bytes of a PNG file; the same seed paints the same picture."""
    canvas = Canvas()
    chance = random.Random(seed)
    canvas.gradient(0, HORIZON, *scene.sky)
    _stars(canvas, chance, scene.stars)
    _sun(canvas, scene)
    canvas.gradient(HORIZON, HEIGHT, *scene.sea)
    _hills(canvas, chance, scene)
    _glitter(canvas, chance, scene)
    if scene.lighthouse:
        _lighthouse(canvas, scene)
    for column, row, size in scene.boats:
        _boat(canvas, column, row, size, scene)
    _gulls(canvas, chance, scene.gulls)
    if scene.fog:
        _fog(canvas, scene)
    return canvas.as_png()


class Canvas:
    """A picture in the making; columns count from the left, rows from the top."""

    def __init__(self) -> None:
        self.pixels = bytearray(WIDTH * HEIGHT * 3)

    def row(self, y: int, x0: float, x1: float, colour: Colour) -> None:
        """Draw a level line."""
        left, right = max(0, round(x0)), min(WIDTH, round(x1))
        if 0 <= y < HEIGHT and left < right:
            self.pixels[(y * WIDTH + left) * 3 : (y * WIDTH + right) * 3] = bytes(colour) * (right - left)

    def column(self, x: int, y0: int, y1: int, colour: Colour) -> None:
        """Draw an upright line."""
        top, bottom = max(0, y0), min(HEIGHT, y1)
        if 0 <= x < WIDTH and top < bottom:
            for part, value in enumerate(colour):
                stripe = slice((top * WIDTH + x) * 3 + part, (bottom * WIDTH + x) * 3, WIDTH * 3)
                self.pixels[stripe] = bytes([value]) * (bottom - top)

    def gradient(self, y0: int, y1: int, first: Colour, last: Colour) -> None:
        """Fill rows from one colour to another."""
        for y in range(y0, y1):
            self.row(y, 0, WIDTH, mix(first, last, (y - y0) / (y1 - y0)))

    def disc(self, x: int, y: int, radius: int, colour: Callable[[int], Colour]) -> None:
        """Draw a disc; `colour` may differ from row to row."""
        for step in range(-radius, radius + 1):
            half = math.sqrt(radius * radius - step * step)
            self.row(y + step, x - half, x + half, colour(y + step))

    def at(self, x: int, y: int) -> Colour:
        """Return the colour of a pixel."""
        place = (y * WIDTH + x) * 3
        return (self.pixels[place], self.pixels[place + 1], self.pixels[place + 2])

    def as_png(self) -> bytes:
        """Return the picture as a PNG file (PNG specification, sections 5 and 9.2: filter type 0 on every row)."""
        rows = bytearray()
        for y in range(HEIGHT):
            row = self.pixels[y * WIDTH * 3 : (y + 1) * WIDTH * 3]
            rows.append(0)
            rows += row
        head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        body = zlib.compress(bytes(rows), 6)
        return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour that lies `share` of the way from `first` to `second`."""
    red, green, blue = (round(one + (two - one) * share) for one, two in zip(first, second, strict=True))
    return (red, green, blue)


def _sun(canvas: Canvas, scene: Scene) -> None:
    x, y, radius = scene.sun
    for ring in range(5, 0, -1):
        share = 0.06 + 0.05 * (5 - ring)
        reach = radius + ring * 13

        def glow(row: int, share: float = share) -> Colour:
            return mix(canvas.at(0, min(row, HEIGHT - 1) if row >= 0 else 0), scene.sunlight, share)

        canvas.disc(x, y, reach, glow)
    canvas.disc(x, y, radius, lambda row: scene.sunlight)


def _hills(canvas: Canvas, chance: random.Random, scene: Scene) -> None:
    for depth, share in ((52, 0.55), (26, 0.2)):
        phase, length = chance.random() * 7, 150 + chance.random() * 90
        colour = mix(scene.land, scene.sky[1], share)
        for x in range(WIDTH):
            shape = math.sin(x / length + phase) + 0.45 * math.sin(x / 41 + phase * 3) + 0.12 * math.sin(x / 11 + phase)
            canvas.column(x, HORIZON - max(0, round(depth * (0.2 + 0.5 * shape))), HORIZON, colour)


def _glitter(canvas: Canvas, chance: random.Random, scene: Scene) -> None:
    for _ in range(620):
        y = HORIZON + 2 + int((HEIGHT - HORIZON - 3) * chance.random() ** 1.5)
        near = (y - HORIZON) / (HEIGHT - HORIZON)
        under_sun = chance.random() < 0.45
        x = chance.gauss(scene.sun[0], 18 + 90 * near) if under_sun else chance.random() * WIDTH
        length = 4 + 34 * near * chance.random()
        share = 0.55 if under_sun else 0.14
        colour = mix(
            canvas.at(1, y), scene.sunlight if under_sun else (255, 255, 255), share * (0.5 + 0.5 * chance.random())
        )
        canvas.row(y, x - length, x + length, colour)


def _boat(canvas: Canvas, x: int, y: int, size: int, scene: Scene) -> None:
    hull = mix(scene.land, (20, 16, 24), 0.4)
    mast_top = y - size * 2
    for row in range(mast_top, y - size // 5):
        reach = (row - mast_top) / (size * 1.8)
        canvas.row(row, x + 2, x + 2 + reach * size * 0.85, scene.sail)
        canvas.row(row, x - 2 - reach * size * 0.5, x - 2, mix(scene.sail, scene.sky[1], 0.35))
    canvas.column(x, mast_top - 4, y, hull)
    depth = max(3, size // 4)
    for row in range(depth):
        canvas.row(y + row, x - size * 0.8 + row * 1.4, x + size * 0.9 - row * 1.1, hull)
    for row in range(0, size, 3):
        shade = mix(canvas.at(0, min(HEIGHT - 1, y + depth + row)), scene.sail, 0.30 * (1 - row / size))
        canvas.row(y + depth + row, x - size * 0.25 + (row % 2) * 3, x + size * 0.5 - (row % 2) * 4, shade)


def _lighthouse(canvas: Canvas, scene: Scene) -> None:
    x, foot, top = scene.lighthouse, HORIZON + 26, HORIZON - 150
    for step in range(150):
        canvas.row(foot - 30 + step // 3, x - 66 - step * 0.9, x + 70 + step * 1.3, mix(scene.land, (12, 14, 20), 0.35))
    for row in range(top, foot - 8):
        half = 11 + 9 * (row - top) / (foot - top)
        band = ((row - top) // 34) % 2 == 0
        wall = (186, 60, 48) if band else (240, 234, 222)
        lit, shaded = mix(wall, scene.sky[1], 0.12), mix(wall, (20, 22, 40), 0.35)
        canvas.row(row, x - half, x + half, lit)
        canvas.row(row, x + half * 0.25, x + half, shaded)
    for row in range(top - 5, top):
        canvas.row(row, x - 18, x + 18, (38, 38, 46))
    for row in range(top - 24, top - 5):
        canvas.row(row, x - 9, x + 9, (255, 236, 170))
    for row in range(10):
        canvas.row(top - 34 + row, x - row * 1.2, x + row * 1.2, (38, 38, 46))


def _stars(canvas: Canvas, chance: random.Random, count: int) -> None:
    for _ in range(count):
        x, y = chance.randrange(WIDTH), int(HORIZON * chance.random() ** 1.4)
        bright = mix(canvas.at(x, y), (255, 252, 235), 0.35 + 0.6 * chance.random())
        canvas.row(y, x, x + (2 if chance.random() < 0.2 else 1), bright)


def _gulls(canvas: Canvas, chance: random.Random, count: int) -> None:
    for _ in range(count):
        x, y, span = 80 + chance.randrange(WIDTH - 160), 50 + chance.randrange(140), 6 + chance.randrange(7)
        for step in range(span):
            rise = round(3.2 * math.sin(math.pi * step / span))
            canvas.column(x + step, y - rise, y - rise + 2, (60, 64, 74))
            canvas.column(x - step, y - rise, y - rise + 2, (60, 64, 74))


def _fog(canvas: Canvas, scene: Scene) -> None:
    """Lay fog on the picture: each row's bytes are moved towards the fog's grey by a table."""
    for y in range(HEIGHT):
        share = scene.fog * math.exp(-(((y - HORIZON) / 120) ** 2))
        table = bytes(round(value + (214 - value) * share) for value in range(256))
        row = slice(y * WIDTH * 3, (y + 1) * WIDTH * 3)
        canvas.pixels[row] = canvas.pixels[row].translate(table)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
