"""The posts, in SQLite: in memory, since there is one process."""

import datetime
import sqlite3

MOMENT = datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.UTC)
SCHEMA = """
create table post (id integer primary key, slug text unique, title text, body text, image blob, changed integer);
create table comment (id integer primary key, post integer references post, name text, text text);
"""


def connect():
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    for number in range(1, 8):
        connection.execute(
            "insert into post (slug, title, body, changed) values (?, ?, ?, ?)",
            (
                f"post-{number}",
                f"Post {number} <é>",
                f"Body of {number}.\n\nSecond & last.",
                int(MOMENT.timestamp()) + number,
            ),
        )
    return connection


DATABASE = connect()


def posts():
    return DATABASE.execute("select * from post order by id").fetchall()


def post(slug):
    return DATABASE.execute("select * from post where slug = ?", [slug]).fetchone()


def save(slug, title, body, image=None):
    changed = int(MOMENT.timestamp()) + 1000 + len(posts())
    with DATABASE:
        DATABASE.execute(
            "insert into post (slug, title, body, image, changed) values (?, ?, ?, ?, ?) "
            "on conflict (slug) do update set title = ?, body = ?, changed = ?",
            (slug, title, body, image, changed, title, body, changed),
        )


def delete(slug):
    with DATABASE:
        return DATABASE.execute("delete from post where slug = ?", [slug]).rowcount


def comments(post_id):
    return DATABASE.execute("select * from comment where post = ? order by id", [post_id]).fetchall()


def comment(post_id, name, text):
    with DATABASE:
        DATABASE.execute("insert into comment (post, name, text) values (?, ?, ?)", (post_id, name, text))
