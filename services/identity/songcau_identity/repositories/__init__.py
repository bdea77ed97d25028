"""All SQL of the identity service, one module per noun."""
