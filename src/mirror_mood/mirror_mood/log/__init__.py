"""The mood log: what was seen second by second, over weeks, and uploads of it."""
