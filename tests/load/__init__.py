"""Measures the platform against bare limits in the same run; bounded, on loopback only, ends by itself."""
