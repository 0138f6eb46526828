"""What the Python of the user's application says: routers, middleware, modules."""
