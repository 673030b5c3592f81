"""Tensors of PyTorch as arrays with their types, and modules of its own classes."""
