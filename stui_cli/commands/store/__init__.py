"""`stui store`: the place that keeps everything."""
