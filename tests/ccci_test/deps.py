"""What a run's dependencies are, for hooks in any language: python3 -m ccci_test.deps keycloak issuer"""

import json
import os
import sys

# What goes wrong in here is shown where the test called it.
__tracebackhide__ = True


class Dependencies(dict):
    """Dependency → its facts. One that did not become ready makes whoever asks for it skip: the run is then unjudged by itself."""

    def __getitem__(self, name):
        if name not in self:
            raise LookupError(f'{name} is no dependency of this run: name it in recipe.toml: requires = ["{name}"]')
        facts = super().__getitem__(name)
        if not facts["ready"]:
            import pytest

            pytest.skip(f"the dependency {name} is not ready: {facts.get('because')}")
        return facts


def dependencies():
    """Everything in deps.json: recipe → ready, url, domain, secrets; of a Keycloak also realm, issuer, client_id, client_secret, username, password."""
    with open(os.environ["CCCI_DEPS_FILE"], encoding="utf-8") as file:
        return Dependencies(json.load(file))


def main(name, key):
    facts = dict(dependencies()).get(name)
    if facts is None:
        sys.exit(f"ccci_test.deps: {name} is no dependency of this run; name it in recipe.toml: requires = [\"{name}\"]")
    value = facts.get(key, facts.get("secrets", {}).get(key))
    if value is None:
        sys.exit(f"ccci_test.deps: {name} has no {key}; it has {', '.join(sorted([*facts, *facts.get('secrets', {})]))}")
    print(value)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python3 -m ccci_test.deps <recipe> <key>")
    try:
        main(*sys.argv[1:])
    except KeyError as error:
        sys.exit(f"ccci_test.deps: {error.args[0]} is not set: only hooks and tests of a run are told what it depends on")
    except (OSError, ValueError) as error:
        sys.exit(f"ccci_test.deps: {error}")
