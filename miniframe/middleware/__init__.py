"""The layers around the views that most sites want; each module has one, named in settings.MIDDLEWARE."""
