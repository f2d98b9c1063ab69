"""Images: register, discover, launch, stop, monitor, and tell of changes."""
