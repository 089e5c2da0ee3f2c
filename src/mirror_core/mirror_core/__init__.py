"""What every Mirror node shares: frames, transport, joining, parameters, the node base class."""
