"""Who a citizen is: VNeID linkage, levels, access list."""
