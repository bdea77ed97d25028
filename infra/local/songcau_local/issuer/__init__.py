"""The development issuer: Keycloak's paths for the flows the platform uses, from the realm file Keycloak imports."""
