"""Static files: find them in the apps and the project's folders, and serve them while developing.

Source: Django's reference "The staticfiles app".
"""
