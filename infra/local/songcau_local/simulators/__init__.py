"""Simulators of outside systems: VNeID, a payment provider, the national portal, a message sink."""
