"""Tensors of TensorFlow: arrays with their types."""
