"""Tokens of an OpenID provider, such as the Keycloak that a run was given."""

import json
import urllib.error
import urllib.parse
import urllib.request

from .http import context

# What goes wrong in here is shown where the test called it.
__tracebackhide__ = True


def discover(issuer, timeout=10):
    """The provider's own description of itself."""
    with urllib.request.urlopen(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=timeout, context=context()) as answer:
        return json.loads(answer.read())


def _token(issuer, fields, timeout):
    request = urllib.request.Request(
        discover(issuer, timeout)["token_endpoint"], data=urllib.parse.urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    try:
        with urllib.request.urlopen(request, timeout=timeout, context=context()) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{issuer}: {error.code}: {error.read()[:300].decode(errors='replace')}") from error


def password_token(issuer, client_id, client_secret, username, password, scope="openid", timeout=10):
    """The password grant. Returns the provider's answer: access_token, id_token and so on. Raises AssertionError with its refusal."""
    fields = {"grant_type": "password", "client_id": client_id, "client_secret": client_secret, "username": username, "password": password, "scope": scope}
    return _token(issuer, fields, timeout)


def client_token(issuer, client_id, client_secret, scope="openid", timeout=10):
    """The client-credentials grant. Returns and raises as password_token."""
    return _token(issuer, {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret, "scope": scope}, timeout)
