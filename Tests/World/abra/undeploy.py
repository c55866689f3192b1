"""`abra app undeploy`: services, configs and networks go; volumes and external secrets stay (rule 10)."""

from __future__ import annotations

import engine
import faults
import output
import question
from app import App
from commandline import Call
from fatal import Fatal


def run(call: Call) -> None:
    app = App.find(call.arguments[0])
    app.recipe.ensure_exists(call)
    app.must_be_deployed()
    version = app.deployed_version()
    question.confirm(call, f"undeploy {app.name}?")
    if faults.strikes("undeploy-fails", app.name):
        raise Fatal("failed to remove network: rpc error: code = Unavailable desc = raft: proposal dropped")
    engine.stack("rm", app.stack)
    if call.on("prune"):
        engine.request("POST", "/containers/prune", filters=engine.of_stack(app.stack))
    if version:
        app.pin(version)
    output.info("undeploy succeeded")
