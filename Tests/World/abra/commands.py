"""Every command that the stand-in knows."""

from __future__ import annotations

import backup
import deploy
import exec_in_app
import lint
import new
import recipe_commands
import secret
import server
import status
import undeploy
import upgrade
import volume
from commandline import ANY, Command, Flag

CHAOS = Flag("chaos", "C")
FORCE = Flag("force", "f")
MACHINE = Flag("machine", "m")
ALL = Flag("all", "a")
NO_DNS = Flag("no-domain-checks", "D")
NO_WAIT = Flag("no-converge-checks", "c")
SNAPSHOT = Flag("snapshot", "s", takes_value=True)
VOLUMES = Flag("volumes", "v", takes_value=True)

COMMANDS = (
    Command(
        *(("app", "new"), 1, 2, new.run),
        (
            Flag("server", "s", takes_value=True),
            Flag("domain", "D", takes_value=True),
            Flag("secrets", "S"),
            Flag("pass", "p"),
            CHAOS,
        ),
    ),
    Command(("app", "deploy"), 1, 2, deploy.run, (CHAOS, FORCE, NO_DNS, NO_WAIT, Flag("latest", "l"))),
    Command(("app", "undeploy"), 1, 1, undeploy.run, (Flag("prune", "p"),)),
    Command(("app", "upgrade"), 1, 2, upgrade.upgrade, (FORCE, NO_DNS, NO_WAIT, Flag("releasenotes", "r"))),
    Command(("app", "rollback"), 1, 2, upgrade.rollback, (FORCE, NO_DNS, NO_WAIT)),
    Command(("app", "ps"), 1, 1, status.ps, (MACHINE, CHAOS)),
    Command(
        *(("app", "ls"), 0, 0, status.ls),
        (Flag("recipe", "r", takes_value=True), Flag("server", "s", takes_value=True), Flag("status", "S"), MACHINE),
        aliases=(("app", "list"),),
    ),
    Command(("app", "secret", "generate"), 1, 3, secret.generate, (ALL, MACHINE, CHAOS, Flag("pass", "p"))),
    Command(("app", "secret", "insert"), 3, 4, secret.insert, (Flag("file", "f"), Flag("trim", "t"), CHAOS)),
    Command(("app", "secret", "remove"), 1, 2, secret.remove, (ALL, CHAOS), aliases=(("app", "secret", "rm"),)),
    Command(("app", "secret", "list"), 1, 1, secret.show, (MACHINE, CHAOS), aliases=(("app", "secret", "ls"),)),
    Command(("app", "volume", "list"), 1, 1, volume.show, aliases=(("app", "volume", "ls"),)),
    Command(("app", "volume", "remove"), 1, 1, volume.remove, (FORCE,), aliases=(("app", "volume", "rm"),)),
    Command(("app", "backup", "create"), 1, 1, backup.create, (Flag("retries", "r", takes_value=True), CHAOS)),
    Command(
        *(("app", "backup", "list"), 1, 1, backup.show_files, (SNAPSHOT, ALL, Flag("timestamps", "t"), CHAOS)),
        aliases=(("app", "backup", "ls"),),
    ),
    Command(("app", "backup", "snapshots"), 1, 1, backup.show_snapshots, (CHAOS,)),
    Command(
        *(("app", "backup", "download"), 1, 1, backup.download),
        (SNAPSHOT, Flag("path", "p", takes_value=True), VOLUMES, Flag("secrets"), CHAOS),
    ),
    Command(("app", "restore"), 1, 1, backup.restore, (SNAPSHOT, Flag("target", "t", takes_value=True), VOLUMES, CHAOS)),
    Command(("app", "remove"), 1, 1, volume.remove_app, (FORCE,), aliases=(("app", "rm"),)),
    Command(("app", "run"), 3, ANY, exec_in_app.run, (Flag("no-tty", "t"), Flag("user", "u", takes_value=True))),
    Command(("recipe", "fetch"), 0, 1, recipe_commands.fetch, (ALL, FORCE)),
    Command(("recipe", "versions"), 1, 1, recipe_commands.show_versions, (MACHINE,)),
    Command(("recipe", "lint"), 1, 1, lint.run, (Flag("error", "e"), CHAOS)),
    Command(("server", "add"), 0, 1, server.add, (Flag("local", "l"),)),
    Command(("server", "ls"), 0, 0, server.ls, (MACHINE,), aliases=(("server", "list"),)),
)
