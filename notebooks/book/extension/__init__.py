"""What the book adds to Sphinx: each file is an extension of its own."""
