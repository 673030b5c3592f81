"""Figures of Matplotlib, what is drawn in them, and which one is the current."""
