"""The commands of the app `miniframe.sessions`."""
