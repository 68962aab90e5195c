"""Make workers by copying a process that has loaded what others wrote.

    inventory    what a worker has loaded that runs well
    nursery      the supervisor's side: a warm process, which makes workers
    warm         what runs inside that
    preload      load others' modules ahead of time, and find those that must not be
    freshness    would they still be loaded the same?

Not here: whether that is wanted (see `switches`), and a worker as such (see `process`).
"""
