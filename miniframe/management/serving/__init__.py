"""What `runserver` knows besides the server: where to listen, what to say, what to do when it goes wrong.

    endpoint       where it is told to listen
    listeners      sockets that are open already, and the other half of localhost
    addresses      addresses and ports as a person sees them
    certificates   a certificate for this machine
    banner         what it says once it can be reached
    loglook        how the log looks: coloured, plain, or JSON
    sources        where templates and static files are
    failing        a project that does not start
    obituary       a server process that died

Not here: the command (see `commands.runserver`).
"""
