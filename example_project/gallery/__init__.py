"""The picture gallery: upload, look, download."""
