"""Figures of relay and consumer on a real Kafka, against kafka-python alone."""
