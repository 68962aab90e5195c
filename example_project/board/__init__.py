"""The notice board: read, search, pin, change and take down notices."""
