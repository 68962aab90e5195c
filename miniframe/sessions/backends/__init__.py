"""The stores: `signed_cookies`, `file` and `cache`, and `base` for stores of one's own."""
