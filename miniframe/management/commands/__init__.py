"""The commands that come with miniframe, one to a module, each a class named `Command`."""
