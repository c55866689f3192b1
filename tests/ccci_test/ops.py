"""Calls one hook of a recipe's ops.py: python3 -m ccci_test.ops FILE pre_upgrade. A hook that is not defined is no hook."""

import importlib.util
import json
import os
import sys


def main(path, name):
    spec = importlib.util.spec_from_file_location("ops", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    hook = getattr(module, name, None)
    if hook is None:
        return
    with open(os.environ["CCCI_META_FILE"], encoding="utf-8") as file:
        meta = json.load(file)
    hook(os.environ["CCCI_APP_DOMAIN"], meta)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
