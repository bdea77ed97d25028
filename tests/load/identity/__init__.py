"""How identity bears the people of a province: loading them sealed, finding one among them."""
