"""Care at a distance: facilities, slots, consultations."""
