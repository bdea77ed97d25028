"""Where citizens live, as entered: proposed by them, recorded by officers, resolved to the units of today."""
