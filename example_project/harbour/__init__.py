"""The site of Port Merrow, a small harbour town: settings, routes and the WSGI door."""
