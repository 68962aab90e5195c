"""The web server: bytes to requests, requests to a WSGI application, answers to bytes."""
