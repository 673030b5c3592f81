"""What takes the place of modules that a lesson can do without; see `carried`."""
