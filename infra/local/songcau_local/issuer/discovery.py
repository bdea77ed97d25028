"""What the issuer says of itself (OpenID Connect Discovery 1.0), with Keycloak's paths."""

from __future__ import annotations


def metadata(base: str) -> dict[str, object]:
    """Return the discovery document for a realm's base address."""
    protocol = f"{base}/protocol/openid-connect"
    return {
        "issuer": base,
        "authorization_endpoint": f"{protocol}/auth",
        "token_endpoint": f"{protocol}/token",
        "userinfo_endpoint": f"{protocol}/userinfo",
        "jwks_uri": f"{protocol}/certs",
        "end_session_endpoint": f"{protocol}/logout",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": ["aal1", "aal2"],
        "claims_supported": ["sub", "citizen_id", "ial", "acct_type", "acr", "auth_time"],
    }
