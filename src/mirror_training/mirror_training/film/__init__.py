"""The film's character: a network that draws it in any pose, its training, its measuring, its export."""
