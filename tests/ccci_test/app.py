"""The app under test from the inside: its stack on this host's swarm, and abra."""

import json
import os
import pty
import select
import subprocess
import time

# What goes wrong in here is shown where the test called it.
__tracebackhide__ = True


def _stack(domain):
    return domain.replace(".", "_")


def _docker(*arguments, timeout=60):
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout, check=False)


def services(domain):
    """The app's services: short name → (running, wanted)."""
    stack = _stack(domain)
    listing = _docker("service", "ls", "--filter", f"label=com.docker.stack.namespace={stack}", "--format", "{{json .}}")
    if listing.returncode:
        raise RuntimeError(listing.stderr.strip())
    found = {}
    for line in listing.stdout.splitlines():
        service = json.loads(line)
        running, wanted = service["Replicas"].split(" ")[0].split("/")
        found[service["Name"].removeprefix(f"{stack}_")] = (int(running), int(wanted))
    return found


def assert_converges(domain, limit=300, pause=1.0):
    """Waits until every service runs as often as it should. Raises AssertionError that names those that do not."""
    end = time.monotonic() + limit
    while True:
        found = services(domain)
        short = [f"{name} {running}/{wanted}" for name, (running, wanted) in sorted(found.items()) if running != wanted]
        if found and not short:
            return
        assert time.monotonic() < end, f"{domain}: {', '.join(short) or 'no services'} after {limit} s"
        time.sleep(pause)


def exec_in_app(domain, command, service="app", timeout=120):
    """Runs a command, a list of words, in a container of the service. Returns (exit code, output and errors). Raises LookupError without a container."""
    name = f"{_stack(domain)}_{service}"
    listing = _docker("ps", "-q", "--filter", f"label=com.docker.swarm.service.name={name}", "--filter", "status=running")
    containers = listing.stdout.split()
    if not containers:
        raise LookupError(f"{name}: no container runs: {listing.stderr.strip()}")
    done = subprocess.run(
        ["docker", "exec", containers[0], *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False)
    return done.returncode, done.stdout


def abra_tty(*arguments, timeout=300):
    """Calls abra on a terminal, which some of its verbs want, with this run's state. Returns (exit code, output)."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("abra", ["abra", *arguments])
    output, end = b"", time.monotonic() + timeout
    try:
        while True:
            ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                os.kill(child, 9)
                raise TimeoutError(f"abra {' '.join(arguments)}: no end after {timeout} s")
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
    finally:
        os.close(terminal)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), output.decode(errors="replace").replace("\r\n", "\n")
