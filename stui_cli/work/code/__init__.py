"""Code of images as a whole: what runs, loading it, testing it, browsing it."""
