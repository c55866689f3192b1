"""Kills promotions, quick runs and reconcilers, and fills their disk, at chosen and at random moments; then proves what must hold.

Each worker has a recipe under a name of its own, an installation (shelf, records, locks) of its own, and the shelf on a small filesystem of
its own, so that several work side by side on one swarm. What is proven is asked of docker and of the files, not of the killed command.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import ssl
import subprocess
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ground import ROOT, Stage, row, say

HELP = "promotions, quick runs and reconcilers that are killed, or whose disk fills: what is left holds"
PRODUCTS = ("ccci-run", "ccci-snap", "ccci-reconcile", "ccci-janitor")
GIT = ["git", "-c", "user.name=b", "-c", "user.email=b@ci.localhost", "-c", "gc.auto=0"]
WAYS = ["random", "random", "call", "call", "full"]
# What changes files or asks the engine. Each thread counts by itself; `strace -f` follows what the command starts, too.
CALLS = ["write", "fsync", "rename", "renameat2", "openat", "mkdir", "unlink", "sendto", "pwrite64", "linkat", "flock", "close", "clone3", "execve"]
ZONE = "ci.localhost"
SECRET = "crash-password-1"


class Broken(Exception):
    """What must hold does not."""


@dataclass
class Outcome:
    what: str
    way: str
    hit: bool
    found: str
    broken: str = ""


def docker(*words):
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.split()


def holds(condition, what):
    if not condition:
        raise Broken(what)


class Place:
    """A recipe, an installation and a small disk."""

    DISK = 24 << 20

    def __init__(self, stage: Stage, sample, number):
        self.stage, self.sample = stage, sample
        self.world = stage.world
        self.recipe = f"crash-{os.urandom(3).hex()}{number}"
        self.folder = self.world / "installations" / self.recipe
        self.upstream = self.world / f"git/coop-cloud/{self.recipe}.git"
        self.mirror = self.world / f"git/mirror/{self.recipe}.git"
        self.shelf = self.folder / "shelf"
        self.shelf.mkdir(parents=True)
        self.settings = self.folder / "settings.toml"
        self.settings.write_text((self.world / "settings.toml").read_text())
        self.environment = {
            **stage.environment, "CCCI_SETTINGS": str(self.settings), "CCCI_HOST_SHELF": str(self.shelf), "CCCI_HOST_RUNS": f"{self.folder}/runs",
            "CCCI_HOST_LOCK": f"{self.folder}/lock", "CCCI_HOST_TESTS": f"{self.folder}/tests", "CCCI_RUN_DISK_FLOOR": "0", "CCCI_RUN_CAPACITY": "2"}
        self._disk()
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", self.upstream], check=True)

    def _disk(self):
        image = self.folder / "disk"
        with open(image, "wb") as file:
            file.truncate(self.DISK)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", image, self.shelf], check=True)

    def fill(self, but=0):
        """Leaves so many bytes of the shelf's disk."""
        space = os.statvfs(self.shelf)
        size = max(0, space.f_bavail * space.f_frsize - but)
        with open(self.shelf / ".fill", "ab") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, max(1, size))
            except OSError:
                pass

    def empty(self):
        (self.shelf / ".fill").unlink(missing_ok=True)

    def git(self, *words, at=None):
        return subprocess.run([*GIT, "-C", at or self.upstream, *words], check=True, capture_output=True, text=True).stdout.strip()

    def publish(self, *versions):
        source = self.world / f"git/coop-cloud/{self.sample}.git"
        for version in versions:
            self.git("push", "--quiet", "--force", self.upstream, f"refs/tags/{version}", f"{version}^{{commit}}:refs/heads/main", at=source)

    def publish_over(self, old, new, replacing):
        """The compose file of a release, changed, as another release."""
        compose = self.git("show", f"{old}^{{commit}}:compose.yml") + "\n"
        for one, other in [(f"version={old}", f"version={new}"), *replacing]:
            holds(one in compose, f"{one} is not in the compose file of {old}")
            compose = compose.replace(one, other)
        work = self.folder / "publish"
        shutil.rmtree(work, ignore_errors=True)
        subprocess.run([*GIT, "clone", "--quiet", self.upstream, work], check=True, capture_output=True)
        self.git("checkout", "--quiet", "--detach", f"{old}^{{commit}}", at=work)
        (work / "compose.yml").write_text(compose)
        self.git("commit", "--quiet", "-am", new, at=work)
        self.git("tag", "-f", "-a", new, "-m", new, at=work)
        self.git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/main", f"refs/tags/{new}", at=work)
        shutil.rmtree(work)

    def command(self, name, *words, limit=400):
        done = subprocess.run(
            [self.stage.binaries / name, *words], env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False)
        done.said = f"{name} {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def good(self, name, *words):
        done = self.command(name, *words)
        holds(done.returncode == 0, done.said)
        return done

    def processes(self):
        """Every process of this installation: by its environment, and guards, which have none, by their arguments."""
        for entry in os.listdir("/proc"):
            if entry.isdigit() and int(entry) != os.getpid():
                try:
                    line = Path(f"/proc/{entry}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
                    mine = f"CCCI_HOST_SHELF={self.shelf}\0".encode() in Path(f"/proc/{entry}/environ").read_bytes()
                    if mine or (" guard " in line and f"{self.folder}/" in line):
                        yield int(entry), line
                except OSError:
                    pass

    def interrupted(self, name, *words, way, dice, span, with_guard):
        """Starts the command and kills it, one of its system calls, or its disk. True when it did not come to its own good end."""
        line = [self.stage.binaries / name, *words]
        how = way
        if way == "call":
            call, number = dice.choice(CALLS), min(int(dice.expovariate(1 / 12)) + 1, 90)
            how = f"{call} {number}"
            line = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace=?{call}", "-e", f"inject=?{call}:signal=KILL:when={number}", *line]
        log = open(self.folder / "log", "w+")
        # In a session of its own: strace is not ours to leave behind.
        process = subprocess.Popen(line, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        if way == "random":
            wait = dice.uniform(0, span)
            how = f"after {wait:.2f} s{', guard too' if with_guard else ''}"
            time.sleep(wait)
            if with_guard:
                for other, command in self.processes():
                    if " guard " in command:
                        os.kill(other, signal.SIGKILL)
            process.kill()
        elif way == "full":
            wait, left = dice.uniform(0, span), dice.choice([0, 0, 4096, 8192, 16384])
            how = f"disk full after {wait:.2f} s, but {left} bytes"
            time.sleep(wait)
            self.fill(left)
        try:
            status = process.wait(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Broken(f"{name}: no end after 300 s ({how})") from None
        log.seek(0)
        said = log.read()
        log.close()
        if way == "full" and status not in (0, 130):
            # A red verdict is an answer, too: one head in three is broken.
            holds(f"{name}: " in said or (status == 1 and "\nRED  " in said), f"{name} ended with {status} and said nothing: {said[-500:]}")
        # Whoever still cleans up is waited for; then the disk is given back.
        end = time.monotonic() + 90
        while any(name in command or " guard " in command for _, command in self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        holds(time.monotonic() < end, f"processes remain 90 s after the end ({how}): {[command for _, command in self.processes()]}")
        self.empty()
        return status != 0, f"{how}: {status}", said

    def standing(self, domain):
        stack = domain.replace(".", "_")
        listing = ["docker", "ps", "-a", "--filter", f"label=com.docker.stack.namespace={stack}", "--format", "{{.Names}} {{.State}} {{.Status}} {{.CreatedAt}}"]
        return subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines() + [
            name for name in docker("service", "ls", "--format", "{{.Name}}") if name.startswith(f"{stack}_")]

    def leave(self, domain):
        stack = domain.replace(".", "_")
        services = [name for name in docker("service", "ls", "--format", "{{.Name}}") if name.startswith(f"{stack}_")]
        if services:
            docker("service", "rm", *services)
        for _ in range(300):
            if not self.standing(domain):
                break
            time.sleep(0.1)
        for kind in ("secret", "config", "network", "volume"):
            for name in docker(kind, "ls", "--format", "{{.Name}}"):
                if name.startswith(f"{stack}_"):
                    for _ in range(100):
                        if subprocess.run(["docker", kind, "rm", name], capture_output=True, check=False).returncode == 0:
                            break
                        time.sleep(0.2)
        (self.world / f"abra-home/servers/default/{domain}.env").unlink(missing_ok=True)
        for repository in (self.upstream, self.mirror):
            shutil.rmtree(repository, ignore_errors=True)
        subprocess.run(["umount", self.shelf], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Canonical(Place):
    """`notes` with a canonical at 0.2.0 (schema 2), and 1.0.0 (schema 3) green and waiting to be promoted."""

    OLD, NEW = "0.2.0+1.1.0", "1.0.0+1.2.0"
    # What makes of the newest release one that cannot come up.
    BREAK = ('command: ["python3", "-S", "/app/notes.py"]', 'command: ["sh", "-c", "exit 3"]')

    def __init__(self, stage, number):
        super().__init__(stage, "notes", number)
        self.domain = f"warm-{self.recipe}.{ZONE}"
        self.kept = self.folder / "old"

    def settle(self):
        self.seed()
        self.good("ccci-run", self.recipe, "--run-id", "new")

    def seed(self):
        """The canonical, and pull requests over the newest release."""
        tests, folder = ROOT / "tests", self.folder / "tests"
        folder.mkdir()
        shutil.copytree(tests / "ccci_test", folder / "ccci_test")
        shutil.copytree(tests / "notes", folder / self.recipe)
        shutil.copy(tests / "conftest.py", folder)
        (folder / self.recipe / "recipe.toml").write_text('warm_canonical = true\ndeploy_timeout = "60s"\nhttp_timeout = "30s"\n')
        self.publish("0.1.0+1.0.0", self.OLD)
        start = time.monotonic()
        self.good("ccci-run", self.recipe, "--run-id", "old")
        self.seeded_in = time.monotonic() - start
        self.good("ccci-snap", "promote", "old")
        holds(self.version() == self.OLD, f"the canonical is at {self.version()}")
        shutil.copytree(self.canonical, self.kept, symlinks=True)
        self.publish(self.NEW)
        subprocess.run(["git", "clone", "--quiet", "--bare", self.upstream, self.mirror], check=True)
        self.heads = [self.pull(1, None)] + ([self.pull(2, self.BREAK)] if self.BREAK else [])

    @property
    def canonical(self):
        return self.shelf / self.recipe

    def pull(self, number, change):
        """A pull request over the newest release; with a change, one that cannot come up."""
        head = f"{self.NEW}^{{commit}}"
        tree = self.git("rev-parse", f"{head}^{{tree}}")
        if change:
            compose = self.git("show", f"{head}:compose.yml") + "\n"
            holds(change[0] in compose, "the compose file of notes is another")
            made = subprocess.run(
                [*GIT, "-C", self.upstream, "hash-object", "-w", "--stdin"], input=compose.replace(*change), check=True, capture_output=True, text=True).stdout.strip()
            listing = self.git("ls-tree", tree).replace(self.git("rev-parse", f"{head}:compose.yml"), made) + "\n"
            tree = subprocess.run([*GIT, "-C", self.upstream, "mktree"], input=listing, check=True, capture_output=True, text=True).stdout.strip()
        commit = self.git("commit-tree", tree, "-p", self.git("rev-parse", head), "-m", f"pull {number}")
        self.git("push", "--quiet", "--force", self.mirror, f"{commit}:refs/pull/{number}/head")
        return [self.recipe, "--ref", commit, "--pr", str(number), "--src", f"https://git.{ZONE}:8443/mirror/{self.recipe}.git"]

    def version(self):
        return json.loads((self.canonical / "snapshot/meta.json").read_text())["version"]

    def status(self):
        return json.loads((self.canonical / "canonical.json").read_text())["status"]

    def sums(self, folder=None):
        folder = (folder or self.canonical) / "snapshot"
        return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}

    def back_to_old(self):
        """The shelf as it was before; the working copy is another version's then."""
        shutil.rmtree(self.canonical)
        shutil.copytree(self.kept, self.canonical, symlinks=True)
        path = self.canonical / "canonical.json"
        path.write_text(path.read_text().replace('"idle"', '"dirty"'))

    def check(self, before, may_move):
        """After a kill, and one pass of the janitor."""
        janitor = self.good("ccci-janitor")
        stands = self.standing(self.domain)
        holds(not stands, f"{self.domain} still stands: {stands}: {janitor.said}")
        self.good("ccci-snap", "verify")
        version, sums = self.version(), self.sums()
        if sums == before:
            found = "the known-good as before"
        else:
            holds(may_move, "the known-good has moved")
            holds(version == self.NEW, f"the known-good is neither: {version}")
            found = "the new known-good"
        if not may_move or sums == before:
            holds(sums == before, "the known-good has changed")
        # The app comes up at that version with its data: notes refuses data of a newer schema.
        quick = self.good("ccci-run", *self.heads[0], "--quick", "--json")
        results = json.loads(quick.stdout)
        holds(results["verdict"] == "quick-green" and results["base"]["version"] == version, quick.said)
        holds(self.sums() == sums and self.status() == "idle", f"after a quick run: {self.status()}")
        return found

    def one(self, what, way, dice):
        if what == "promote":
            self.back_to_old()
        before = self.sums()
        with_guard = dice.random() < 0.5
        if what == "promote":
            hit, how, said = self.interrupted("ccci-snap", "promote", "new", way=way, dice=dice, span=8, with_guard=with_guard)
        else:
            head = self.heads[dice.random() < 0.3]
            hit, how, said = self.interrupted("ccci-run", *head, "--quick", way=way, dice=dice, span=12, with_guard=with_guard)
        try:
            return Outcome(what, how, hit, self.check(before, what == "promote"))
        except Broken as error:
            return Outcome(what, how, hit, "", f"{error}\nsaid before:\n{said[-2000:]}")


BREAKS = [("ccci/keycloak:26.1.0", "ccci/keycloak:26.2.0"), ("      - KEYCLOAK_ADMIN=", "      - KEYCLOAK_FAULT=after-migration\n      - KEYCLOAK_ADMIN=")]


class Shared(Place):
    """A keycloak whose data moves forward with its version: 26.1 has format 2, 26.2 moves it to 3 and ends, and 26.1 refuses that."""

    def __init__(self, stage, number):
        super().__init__(stage, "shared-keycloak", number)
        self.domain = f"{self.recipe}.{ZONE}"
        self.number, self.realms = 0, ["master"]
        self.version = "1.1.0+26.1.0"

    def settle(self):
        secret = self.folder / "password"
        secret.write_text(SECRET)
        with open(self.settings, "a") as file:
            file.write(
                f'[reconcile]\nwait = "60s"\n[reconcile.{self.recipe}]\nrecipe = "{self.recipe}"\ndomain = "{self.domain}"\nsoak = "1s"\nstateful = true\n'
                f'env = {{ TIMEOUT = "20" }}\nhealth = "/realms/master/.well-known/openid-configuration"\n'
                f'secrets = [{{ name = "admin_password", file = "{secret}", version = "v1" }}]\n')
        self.publish(self.version)
        self.good("ccci-reconcile", self.recipe)

    def ask(self, path, form=None, body=None, token=None):
        context = ssl.create_default_context(cafile=str(self.world / "ca/bundle.pem"))
        data = "&".join(f"{name}={value}" for name, value in form.items()).encode() if form else json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"https://{self.domain}{path}", data=data)
        if body:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def create_realm(self, name):
        token = self.ask("/realms/master/protocol/openid-connect/token", {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": SECRET})
        self.ask("/admin/realms", body={"realm": name, "enabled": True}, token=token["access_token"])
        self.realms.append(name)

    def data(self):
        kept = json.loads(Path(f"/var/lib/docker/volumes/{self.domain.replace('.', '_')}_data/_data/realms.json").read_text())
        return kept.get("format", 1), sorted(kept["realms"] if "format" in kept else kept)

    def running(self):
        stack = self.domain.replace(".", "_")
        text = subprocess.run(["docker", "service", "inspect", f"{stack}_app", "--format", "{{json .Spec.Labels}}"], capture_output=True, text=True, check=False).stdout
        return json.loads(text).get(f"coop-cloud.{stack}.version") if text.strip() else None

    def one(self, what, way, dice):
        self.number += 1
        self.create_realm(f"r{self.number}")
        is_broken = dice.random() < 0.5
        old, new = self.version, f"1.{self.number + 1}.0+26.1.{self.number}"
        self.publish_over("1.1.0+26.1.0", new, BREAKS if is_broken else [])
        hit, how, said = self.interrupted("ccci-reconcile", self.recipe, way=way, dice=dice, span=14, with_guard=False)
        how = f"{how}, {'broken' if is_broken else 'healthy'} release"
        try:
            repaired = self.command("ccci-reconcile", self.recipe)
            holds(repaired.returncode == 0, repaired.said)
            wanted = old if is_broken else new
            if self.running() != wanted:
                # One that a full disk kept from being tried is tried by the next pass.
                repaired = self.good("ccci-reconcile", self.recipe)
            holds(self.running() == wanted, f"{self.running()} runs, not {wanted}: {repaired.said}")
            holds(self.data() == (2, sorted(self.realms)), f"data of {self.data()}, not of {sorted(self.realms)}")
            state = json.loads((self.shelf / self.recipe / "reconcile.json").read_text())
            holds(state["step"] == "idle" and (self.shelf / self.recipe / "last_good").read_text().strip() == wanted, json.dumps(state))
            self.good("ccci-snap", "verify", self.recipe)
            self.version = wanted
            return Outcome(what, how, hit, "back with its data" if is_broken else "upgraded with its data")
        except Broken as error:
            return Outcome(what, how, hit, "", f"{error}\nsaid before:\n{said[-2000:]}")


CAMPAIGNS = [("promote", Canonical), ("quick", Canonical), ("reconcile", Shared)]
HOLDS = {
    "promote": "the known-good is the old or the new one, whole; the app comes up at that version with its data",
    "quick": "the known-good is bit for bit what it was; the next quick run is green",
    "reconcile": "the next pass ends at the good version with all of its data",
}


def bench(stage: Stage):
    # The quick form only sees that it works; the benchmark `quick` makes a canonical as these do.
    wanted = os.environ.get("CCCI_BENCH_CAMPAIGNS", "reconcile" if stage.quick else "promote quick reconcile").split()
    count, campaigns = 1 if stage.quick else 40, [found for found in CAMPAIGNS if found[0] in wanted]
    before = stage.fingerprint()
    lock, done = threading.Lock(), []

    def work(number):
        what, kind = campaigns[number]
        dice = random.Random(f"{stage.seed} {what}")
        place = kind(stage, number)
        try:
            place.settle()
            for index in range(count):
                outcome = place.one(what, WAYS[index % len(WAYS)], dice)
                with lock:
                    done.append(outcome)
                    say(f"{len(done)} of {count * len(campaigns)}: {what}, {outcome.way}: {outcome.found or f'BROKEN: {outcome.broken}'}")
                if outcome.broken:
                    return
        except Broken as error:
            done.append(Outcome(what, "made ready", False, "", str(error)))
        finally:
            place.leave(place.domain)

    with ThreadPoolExecutor(len(campaigns)) as pool:
        list(pool.map(work, range(len(campaigns))))
    rows = []
    for what, _ in campaigns:
        group = [outcome for outcome in done if outcome.what == what]
        broken = [f"BROKEN, {outcome.way}: {outcome.broken}" for outcome in group if outcome.broken]
        found = {}
        for outcome in group:
            if outcome.found:
                found[outcome.found] = found.get(outcome.found, 0) + 1
        stopped = sum(outcome.hit for outcome in group)
        rows.append(row(
            f"{what}: violations after {len(group)} interruptions", "of them", len(broken), None, "nobody else has these guarantees", "none",
            len(group) == count and not broken, "each is checked by a quick run, or by the next pass: about 20 s",
            [HOLDS[what], f"{stopped} of them stopped the command: kill -9, a killed system call, a full disk", *(f"{number} × {end}" for end, number in sorted(found.items())), *broken],
            sound=len(group) == count and not broken, tries=len(group), stopped=stopped, found=found))
    return rows, {"stopped": sum(found["stopped"] for found in rows), "others_unchanged": before == stage.fingerprint(), "seed": stage.seed}
