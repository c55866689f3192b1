"""That people really log in, and at this run's own provider."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest
from ccci_test import oidc
from ccci_test.http import context


def log_in(app, username, password):
    form = urllib.parse.urlencode({"username": username, "password": password}).encode()
    with urllib.request.urlopen(f"{app.url}/login", data=form, timeout=20, context=context()) as answer:
        return json.loads(answer.read())


def test_the_user_of_this_run_is_let_in(app, deps):
    keycloak = deps["keycloak"]
    assert log_in(app, keycloak["username"], keycloak["password"]) == {
        "user": keycloak["username"], "issuer": keycloak["issuer"], "client": keycloak["client_id"],
    }


def test_a_wrong_password_is_not(app, deps):
    with pytest.raises(urllib.error.HTTPError) as refused:
        log_in(app, deps["keycloak"]["username"], "wrong")
    assert refused.value.code == 401


def test_the_client_itself_gets_a_token(deps):
    keycloak = deps["keycloak"]
    assert oidc.client_token(keycloak["issuer"], keycloak["client_id"], keycloak["client_secret"])["access_token"]
