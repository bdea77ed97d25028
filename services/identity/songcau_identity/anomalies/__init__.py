"""Look-ups of officers that need an explanation: found day by day, asked about, decided, reported."""
