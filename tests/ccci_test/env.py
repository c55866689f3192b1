"""Sets keys of the app's .env, for hooks in any language: python3 -m ccci_test.env KEY=VALUE …

A key that stands there is replaced, never doubled; a last line without its end is ended first.
"""

import os
import re
import sys


def set_env(values):
    """Writes the keys of a mapping into the app's .env."""
    path = os.environ["CCCI_APP_ENV"]
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for key, value in values.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
            raise ValueError(f"{key!r} is no name of a variable")
        if "\n" in value or "'" in value:
            raise ValueError(f"{key}: a value with a line feed or a single quote cannot be written")
        line = f"{key}='{value}'" if re.search(r"[^A-Za-z0-9_@%+=:,./-]", value) else f"{key}={value}"
        place = next((i for i, old in enumerate(lines) if re.match(rf"\s*(export\s+)?{key}\s*=", old)), None)
        if place is None:
            lines.append(line)
        else:
            lines[place] = line
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def pair(word):
    key, equals, value = word.partition("=")
    if not equals:
        raise ValueError(f"{word!r} has no =")
    return key, value


if __name__ == "__main__":
    usage = "usage: python3 -m ccci_test.env KEY=VALUE …"
    if len(sys.argv) < 2:
        sys.exit(usage)
    try:
        set_env(dict(map(pair, sys.argv[1:])))
    except ValueError as error:
        sys.exit(f"ccci_test.env: {error}; {usage}")
    except KeyError as error:
        sys.exit(f"ccci_test.env: {error.args[0]} is not set: only hooks of a run are told the app")
    except OSError as error:
        sys.exit(f"ccci_test.env: {error}")
