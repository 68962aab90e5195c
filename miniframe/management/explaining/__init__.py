"""What `manage.py explain` does: send one request through the real server, and tell of each step on its way.

    asking       make a request of what was typed
    exchange     send it, serve it, read the answer
    serving      the server's own classes, with a word to the timeline at each step
    recorder     the same for the handler: middleware, route, hooks, view
    rendering    the same for templates
    timeline     whose time is running; the steps as plain data
    changes      what a middleware has done to request and response
    places       where things stand in their files
    text         the steps as a table for a terminal
    data         the steps for programs

Not here: the command (see `commands.explain`).
"""
