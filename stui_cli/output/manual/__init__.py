"""Manual pages as text, without any program that may be missing: `reading` makes blocks of a page's source, which uses
the macros of man(7) or mdoc(7), and `layout` makes lines of blocks."""
