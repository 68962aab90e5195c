"""Share one terminal between the supervisor and its workers.

    telling      what the supervisor says on it
    keys         take single keys from it, and lend it
    console      what the keys do
    borrowing    a worker asks for it, to read a line

Not here: the banner (see `management.serving.banner`) and the log of requests (see `servers.requestlog`).
"""
