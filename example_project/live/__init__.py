"""The harbour log, live: a page that grows while you look at it."""
