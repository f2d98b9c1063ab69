"""`stui sessions`: named workspaces inside images."""
