"""`stui keys`: who may do what in an image."""
