"""What stui talks about: images, sessions, contexts, health, orphans, operations. Standard library only."""
