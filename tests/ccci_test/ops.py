"""Calls one hook of a recipe's ops.py: python3 -m ccci_test.ops FILE pre_upgrade. A hook that is not defined is no hook."""

import importlib.util
import inspect
import json
import os
import sys
import traceback

HOOKS = ("pre_install", "pre_upgrade", "pre_backup", "pre_restore")


def main(path, name):
    try:
        hook = find(path, name)
        if hook is not None:
            with open(os.environ["CCCI_META_FILE"], encoding="utf-8") as file:
                meta = json.load(file)
            hook(os.environ["CCCI_APP_DOMAIN"], meta)
    except Exception as error:
        sys.exit(said(error, path))


def find(path, name):
    """The function; None where the file has none. Ends the program when what stands there could never be called."""
    spec = importlib.util.spec_from_file_location("ops", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for other in vars(module):
        if other.startswith("pre_") and other not in HOOKS:
            sys.exit(f"{other}: no hook is called so: they are {', '.join(HOOKS)}")
    hook = getattr(module, name, None)
    if hook is None:
        return None
    if not callable(hook):
        sys.exit(f"{name} is no function: write def {name}(domain, meta)")
    try:
        inspect.signature(hook).bind("", {})
    except TypeError as error:
        sys.exit(f"{name}: {error}: write def {name}(domain, meta)")
    return hook


def said(error, path):
    """The way through the author's own files, and last the line of ops.py with the error: what is ours is not his to read."""
    folder = os.path.dirname(path)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(f"{folder}/")]
    lines = traceback.format_list(frames)
    own = [frame.lineno for frame in frames if frame.filename == path]
    place = error.lineno if isinstance(error, SyntaxError) else own[-1] if own else None
    words = traceback.format_exception_only(error)[-1].strip()
    return "".join(lines) + (f"line {place}: {words}" if place else words)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python3 -m ccci_test.ops FILE HOOK")
    main(sys.argv[1], sys.argv[2])
