"""The benchmarks, in the order in which all of them run. Each is a module with HELP, PRODUCTS and `bench(stage)`: rows, and a summary."""

import importlib

NAMES = ("start", "engine", "poll", "scale", "snap", "run", "parallel", "janitor", "loop", "quick", "kill", "crash")


def module(name):
    return importlib.import_module(name)
