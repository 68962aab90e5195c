"""From an environ to a response: the application object, its middleware chain and its error table."""
