"""`runserver` that serves static files too, and `findstatic`."""
