"""The administrative units of the province as they were and are, and what an address written with them means."""
