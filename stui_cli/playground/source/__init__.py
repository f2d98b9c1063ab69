"""A file of source, read into parts: chunks, class bodies in brackets, Tonel, statements. Nothing is run here."""
