"""The doors: command line, HTTP, page."""
