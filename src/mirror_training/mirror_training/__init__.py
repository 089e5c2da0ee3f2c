"""Data and recipes of every model that the mirror ships; only its recipes import TensorFlow."""
