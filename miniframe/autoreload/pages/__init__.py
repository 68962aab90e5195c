"""Have open pages follow what is saved.

    refresh      what pages have in them, so that they know when they are old
    policies     by which way that comes into a page
    handover     how a page that listens goes from a worker to the supervisor
    tabs         the pages that listen

Not here: when a page is old (see `supervisor`).
"""
