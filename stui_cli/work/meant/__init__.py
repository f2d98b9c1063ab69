"""Which image, session and terminal a command means."""
