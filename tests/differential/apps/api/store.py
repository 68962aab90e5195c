"""The books, in memory."""

import datetime
import decimal
import uuid

MOMENT = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=datetime.UTC)
BOOKS = {}


def reset():
    BOOKS.clear()
    for number in range(1, 24):
        put({"title": f"Book {number} \u2028 é", "price": decimal.Decimal(number) / 4, "tags": ["a"] * (number % 3)})


def put(book):
    number = book.setdefault("id", len(BOOKS) + 1)
    book.setdefault("key", uuid.uuid5(uuid.NAMESPACE_URL, str(number)))
    book.setdefault("added", MOMENT + datetime.timedelta(hours=number))
    book["version"] = book.get("version", 0) + 1
    BOOKS[number] = book
    return book


reset()
