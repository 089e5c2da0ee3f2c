"""Looking into the running graph: its health in plain words, and all of it in Foxglove."""
