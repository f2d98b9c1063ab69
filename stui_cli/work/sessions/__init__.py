"""Sessions: create, close, rename, restore, transfer, checkpoint, switch, show, count."""
