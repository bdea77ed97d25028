"""The songcau command: embedded stack, simulators, seed data, demo."""
