"""Images of Pillow."""
