"""What `stui doctor` looks at on this machine, one file for each subject. Nothing is changed, and no image is spoken to
but those that run here."""
