"""A conversation with an image: reach it, enter a session, evaluate, inspect, and record what was said."""
