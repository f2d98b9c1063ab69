"""`stui log`: the operation log, and what one operation changed."""
