"""What stui does, step by step: the seed's flows and their neighbours, each over the store and the images.

A flow gets what it needs as arguments, talks to images without holding the store's lock, and commits once.
"""
