"""Inserts a secret of the app, for hooks in any language: python3 -m ccci_test.secret NAME VERSION FILE

FILE is a path, or - for standard input, whose last line feed is not part of the secret. One that stands there already stays as it is: an app whose warm data
is kept keeps its secrets, too.
"""

import os
import subprocess
import sys
import tempfile


def insert_secret(name, version, value):
    """Inserts a secret of the app unless it stands there. Says whether it did."""
    domain = os.environ["CCCI_APP_DOMAIN"]
    if not value:
        raise ValueError(f"the secret {name} would be empty")
    full = f"{domain.replace('.', '_')}_{name}_{version}"
    there = subprocess.run(
        ["docker", "secret", "ls", "--filter", f"name={full}", "--format", "{{.Name}}"], check=True, stdout=subprocess.PIPE, text=True).stdout
    if full in there.split():
        return False
    # 0600, and never an argument: every process of the host may read those.
    with tempfile.NamedTemporaryFile() as file:
        file.write(value if isinstance(value, bytes) else value.encode())
        file.flush()
        subprocess.run(
            ["abra", "app", "secret", "insert", domain, name, version, file.name, "--file", "--no-input", "--chaos", "--offline"], check=True)
    return True


def main(name, version, file):
    if file == "-":
        value = sys.stdin.buffer.read().removesuffix(b"\n")
    else:
        with open(file, "rb") as source:
            value = source.read()
    if not insert_secret(name, version, value):
        print(f"the secret {name} {version} stands there already")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python3 -m ccci_test.secret NAME VERSION FILE")
    try:
        main(*sys.argv[1:])
    except KeyError as error:
        sys.exit(f"ccci_test.secret: {error.args[0]} is not set: only hooks of a run are told the app")
    except (OSError, ValueError) as error:
        sys.exit(f"ccci_test.secret: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"ccci_test.secret: {error.cmd[0]} exits {error.returncode}")
