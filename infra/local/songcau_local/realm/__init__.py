"""The realm as code: what the realm file declares against what a running Keycloak holds."""
