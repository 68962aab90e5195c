"""Decorators for views, one module a subject; each works on plain and on async views."""
