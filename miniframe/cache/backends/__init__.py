"""Where cached values are kept; each module has one place, named by BACKEND in settings.CACHES."""
