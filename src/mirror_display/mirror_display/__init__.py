"""The window on the mirror: layout, head-up display, window; the node beside them is thin."""

import os

# SDL reads these when pygame is loaded. Without the second one it takes SIGTERM for itself.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")
