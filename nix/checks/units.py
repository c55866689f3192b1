"""The systemd units that come out of an evaluation: as files, and the rules that they must keep."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

from synopsis import Form, complaint

ROOT = Path(__file__).resolve().parents[2]

# Units that are not ours and may be named.
FOREIGN = {"docker.service", "network-online.target", "multi-user.target", "timers.target", "sockets.target"}

SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSW|CREDENTIAL|(PRIVATE|API)_?KEY", re.IGNORECASE)


def scripts() -> dict[str, Path]:
    """The host's own scripts, by the name that they are installed under (nix/packages/host-scripts.nix)."""
    found = {path.name: path for path in sorted((ROOT / "nix" / "scripts").glob("cc-ci-*"))}
    return {**found, "cc-ci-nightly": ROOT / "scripts" / "nightly"}


def _lines(section: dict[str, Any]) -> list[str]:
    lines = []
    for key, value in section.items():
        for one in value if isinstance(value, list) else [value] if value is not None else []:
            lines.append(f"{key}={'true' if one is True else 'false' if one is False else one}")
    return lines


def text(unit: dict[str, Any], section: str) -> str:
    """A unit as NixOS writes it. `section` is Service, Timer or Socket."""
    top = {
        "Description": unit["description"],
        "After": " ".join(unit["after"]),
        "Before": " ".join(unit["before"]),
        "Wants": " ".join(unit["wants"]),
        "Requires": " ".join(unit["requires"]),
        "OnFailure": " ".join(unit["onFailure"]),
    }
    lines = ["[Unit]", *_lines({key: value for key, value in top.items() if value}), *_lines(unit["unitConfig"]), "", f"[{section}]"]
    for name, value in unit.get("environment", {}).items():
        if value is not None:
            lines.append('Environment="{}={}"'.format(name, str(value).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")))
    if unit.get("path"):
        lines.append('Environment="PATH={}"'.format(":".join(f"{package}/bin" for package in unit["path"])))
    lines += _lines(unit[f"{section.lower()}Config"])
    if unit["wantedBy"]:
        lines += ["", "[Install]", f"WantedBy={' '.join(unit['wantedBy'])}"]
    return "\n".join(lines) + "\n"


def files(evaluated: dict[str, Any]) -> dict[str, str]:
    """File name → text of every unit."""
    made = {f"{name}.service": text(unit, "Service") for name, unit in evaluated["services"].items()}
    made |= {f"{name}.timer": text(unit, "Timer") for name, unit in evaluated["timers"].items()}
    return made | {f"{name}.socket": text(unit, "Socket") for name, unit in evaluated["sockets"].items()}


def command_lines(service: dict[str, Any]) -> list[str]:
    """Every Exec… line of a service, without systemd's prefixes."""
    lines = []
    for key, value in service["serviceConfig"].items():
        if key.startswith("Exec") and value:
            lines += [one.lstrip("-@:+!") for one in (value if isinstance(value, list) else [value])]
    return lines


def fill(store: Path, commands: dict[str, list[Form]]) -> None:
    """Puts a program where each of ours would be, so that systemd finds it: systemd-analyze looks whether it is there."""
    for package, names in {"cc-ci": set(commands), "cc-ci-host-scripts": set(scripts())}.items():
        for name in names:
            file = store / package / "bin" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#!/bin/sh\n", encoding="utf-8")
            file.chmod(0o755)


def verify(evaluated: dict[str, Any], place: Path) -> list[str]:
    """What systemd-analyze has to say of the units."""
    place.mkdir(parents=True, exist_ok=True)
    made = files(evaluated)
    for name, content in made.items():
        place.joinpath(name).write_text(content, encoding="utf-8")
    place.joinpath("docker.service").write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    names = [re.sub(r"@\.service$", "@1.service", name) for name in made]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{place}:", "LC_ALL": "C.UTF-8"},
        timeout=60,
    )
    said = [line.replace(f"{place}/", "") for line in done.stderr.splitlines() if line.strip()]
    return said or ([f"systemd-analyze verify: exit {done.returncode}"] if done.returncode else [])


def complaints(evaluated: dict[str, Any], store: str, commands: dict[str, list[Form]]) -> list[str]:
    """What is wrong with the units, in the design's eyes."""
    found: list[str] = []
    known = FOREIGN | {f"{name}.service" for name in evaluated["services"]}
    for name, service in evaluated["services"].items():
        found += [f"{name}: {what}" for what in _service(service, store, commands)]
        found += [f"{name}: {what}" for what in _ordering(name, service, known, evaluated)]
    for name in evaluated["timers"]:
        if name not in evaluated["services"]:
            found.append(f"{name}.timer: there is no {name}.service")
    for name, socket in evaluated["sockets"].items():
        target = f"{name}@" if socket["socketConfig"].get("Accept") else name
        if target not in evaluated["services"]:
            found.append(f"{name}.socket: there is no {target}.service")
    return found


def _service(service: dict[str, Any], store: str, commands: dict[str, list[Form]]) -> list[str]:
    found: list[str] = []
    lines = command_lines(service)
    if not service["serviceConfig"].get("ExecStart"):
        found.append("no ExecStart")
    for line in lines:
        program, *arguments = shlex.split(line)
        if program.startswith(f"{store}/cc-ci/bin/"):
            if what := complaint(line, commands):
                found.append(what)
        elif program.startswith(f"{store}/cc-ci-host-scripts/bin/"):
            found += _script(Path(program).name, arguments, service["environment"])
        else:
            found.append(f"{program}: neither a command nor a script of ours")
        for argument in arguments:
            if re.search(r"[$%]|=|://[^/]*@", argument) or SECRET_NAME.search(argument):
                found.append(f"{argument}: everybody on the host can read a command line: name a file in the environment or the settings")
    for variable, value in service["environment"].items():
        if SECRET_NAME.search(variable) and not str(value).startswith("/"):
            found.append(f"{variable}: its value would stand in the store: name a file in {variable}_FILE, or use LoadCredential")
        if re.search(r"://[^/@]*:[^/@]*@", str(value)):
            found.append(f"{variable}: holds a password")
    return found


def _script(name: str, arguments: list[str], environment: dict[str, Any]) -> list[str]:
    path = scripts().get(name)
    if path is None:
        return [f"{name}: no such script in nix/scripts"]
    if arguments:
        return [f"{name}: takes no arguments"]
    wanted = re.search(r"^for name in ((?:[A-Z_]+ ?)+); do$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return [f"{name}: wants {variable}, and the unit does not set it" for variable in (wanted[1].split() if wanted else []) if not environment.get(variable)]


def _ordering(name: str, service: dict[str, Any], known: set[str], evaluated: dict[str, Any]) -> list[str]:
    found = [f"{other}: no such unit" for key in ("after", "before", "wants", "requires") for other in service[key] if other not in known]

    def must(key: str, other: str) -> None:
        if other not in service[key]:
            found.append(f"{other} must be in {key}")

    if "network-online.target" in service["after"]:
        must("wants", "network-online.target")
    is_reconciler = name.startswith("ccci-reconcile-")
    if is_reconciler or name in ("drone-runner-exec", "cc-ci-swarm", "ccci-janitor"):
        must("after", "docker.service")
        must("requires", "docker.service")
    if is_reconciler or name == "drone-runner-exec":
        must("after", "cc-ci-swarm.service")
        must("after", "network-online.target")
    config = service["serviceConfig"]
    if is_reconciler:
        if config.get("Type") != "oneshot" or config.get("RemainAfterExit") is not True:
            found.append("must be a oneshot that remains after its exit")
        needs_proxy = "ccci-reconcile-traefik" in evaluated["services"] and name in ("ccci-reconcile-keycloak", "ccci-reconcile-drone")
        if needs_proxy:
            must("after", "ccci-reconcile-traefik.service")
    elif name in evaluated["timers"] and config.get("Type") != "oneshot":
        found.append("a timer starts it: it must be a oneshot")
    if name in ("drone-runner-exec", "cc-ci-nightly", "cc-ci-rebuild") and service["restartIfChanged"]:
        found.append("a switch would restart it in the middle of its work: restartIfChanged must be false")
    if not config.get("TimeoutStartSec") and config.get("Type") == "oneshot":
        found.append("it may hang for ever: TimeoutStartSec is missing")
    return found
