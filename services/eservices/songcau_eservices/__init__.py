"""Public services: procedures, dossiers, fees, results."""
