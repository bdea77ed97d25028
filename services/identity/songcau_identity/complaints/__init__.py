"""Complaints of citizens about accesses to their data, and how data officers answer them."""
