"""The parts a province runs, on a machine without containers: Apache Kafka and Keycloak from their Maven artefacts."""
