"""What every page shares: layout, database, forms, middleware, commands."""
