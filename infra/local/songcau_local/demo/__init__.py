"""The demo: the platform's main job, done over HTTP as outside people do it."""
