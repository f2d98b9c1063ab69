"""`stui images`: the registry of images, and starting and stopping them."""
