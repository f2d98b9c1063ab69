"""The keys of images' agents: given, told, taken back, exchanged, while the agents run."""
