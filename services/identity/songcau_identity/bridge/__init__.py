"""The VNeID bridge: an OIDC provider towards a stock broker, VNeID's own wire form behind it."""
