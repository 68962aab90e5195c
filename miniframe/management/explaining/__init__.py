"""What `manage.py explain` does: send one request through the real server, and tell of each step on its way.

exchange    make the request's octets, serve them, read the answer
serving     the server's own classes, with a word to the timeline at each step
recorder    the same for the handler: middleware, route, hooks, view
rendering   the same for templates
timeline    whose time is running; the steps as plain data
changes     what a middleware has done to request and response
places      where things stand in their files
text, data  the two faces
"""
