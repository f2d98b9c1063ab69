"""`stui config`: the user's settings, read, changed and edited."""
