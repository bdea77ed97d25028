"""What a development cluster needs around the platform, in one image; no part of any other installation."""
