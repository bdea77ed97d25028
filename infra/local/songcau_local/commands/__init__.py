"""The commands of `songcau` beside starting and stopping."""
