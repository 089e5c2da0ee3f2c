"""The web page of the mirror: picture stream, pages, server; the node beside them is thin."""
