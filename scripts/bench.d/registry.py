"""The benchmarks, in the order in which all of them run. Each is a module with HELP, PRODUCTS and `bench(stage)`: rows, and a summary."""

import importlib

NAMES = ("start", "engine", "poll", "scale", "snap", "run", "parallel", "janitor", "loop", "quick", "kill", "crash")

# Named otherwise than their benchmark: a module of the snapshots' tests, which snap uses, has that name.
MODULES = {"engine": "reads"}


def module(name):
    return importlib.import_module(MODULES.get(name, name))
