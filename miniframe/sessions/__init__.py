"""What a site remembers of one visitor from request to request: `request.session`, a dict.

The middleware gives each request a session that is not read until somebody asks for it; where sessions live is
settings.SESSION_ENGINE's business: in the visitor's cookie (`signed_cookies`, the default), in files, in a cache.

Source: Django's topic "How to use sessions".
"""
