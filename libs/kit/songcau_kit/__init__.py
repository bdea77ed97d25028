"""What every Sông Cầu service needs and which holds no word of the domain."""
