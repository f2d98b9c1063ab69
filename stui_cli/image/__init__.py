"""Talking to running images: links, clients, starting and finding them. The only importer of sockets and subprocess."""
