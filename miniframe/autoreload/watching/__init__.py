"""See that files have changed, and say what that calls for.

    folders      which folders are the project's
    layout       what in a folder is watched
    ways         by the system's events, or by looking?
    events       by events
    ledger       by looking
    watcher      one thread that does both, and tells that files have changed
    changes      what a change calls for
    gathering    changes that belong together: when are they complete?
    restless     files that pages themselves change
    lookout      hands a batch of changes over, in the supervisor's thread

Not here: what is then done (see `supervisor`).
"""
