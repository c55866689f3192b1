"""`ccci-poll` against the stand-ins of Gitea and Drone, beside a plain loop of one curl a repository."""

import hashlib
import hmac
import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from ground import ROOT, Stage, row
from ground import say as progress

HELP = "requests, time and memory of a pass beside one curl a repository, and how soon a comment is a build"
PRODUCTS = ("ccci-poll",)
OWNER = "recipes"


class Server:
    """One stand-in, which ends with us."""

    def __init__(self, root, kind, *options):
        self.process = subprocess.Popen(
            ["python3", "-I", str(root / "Tests/World" / kind), *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.facts = json.loads(self.process.stdout.readline())
        self.url = self.facts["url"]

    def control(self, method, path, words=None):
        body = None if words is None else json.dumps(words).encode()
        request = urllib.request.Request(self.facts["control"] + path, method=method, data=body)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def end(self):
        self.process.terminate()
        self.process.wait()


class Place:
    """So many repositories with a pull request each, and a shelf."""

    def __init__(self, root, binaries, repositories):
        self.program = str(binaries / "ccci-poll")
        self.names = [f"r{number}" for number in range(repositories)]
        self.gitea = Server(root, "gitea")
        self.drone = Server(root, "drone", "--runner", "pretend")
        self.folder = Path(tempfile.mkdtemp(prefix="ccci-bench-poll-"))
        people = [{"login": name, "token": f"token-of-{name}"} for name in ("bot", "mira")]
        self.gitea.control("POST", "/seed", {
            "users": people, "orgs": [{"name": OWNER, "members": {"bot": "private", "mira": "private"}}],
            "repos": [{"repo": f"{OWNER}/{name}"} for name in self.names],
            "pulls": [{"repo": f"{OWNER}/{name}", "author": "mira", "number": 1, "sha": f"{index + 1:040x}"} for index, name in enumerate(self.names)],
        })
        self.drone.control("POST", "/seed", {
            "users": [{"login": "bot", "token": "token-of-drone", "admin": True, "rights": {"recipes/cc-ci": "write"}}],
            "repos": [{"repo": "recipes/cc-ci"}]})
        (self.folder / "forge").write_text("token-of-bot")
        (self.folder / "drone").write_text("token-of-drone")
        (self.folder / "secret").write_text("bench-secret")
        names = ", ".join(f'"{OWNER}/{name}"' for name in self.names)
        (self.folder / "settings.toml").write_text(f"""
[host]
zone = "ci.example.org"
shelf = "{self.folder}/shelf"
runs = "{self.folder}/runs"
[forge]
url = "{self.gitea.url}"
token_file = "{self.folder}/forge"
bot = "bot"
repositories = [{names}]
[drone]
url = "{self.drone.url}"
token_file = "{self.folder}/drone"
repository = "recipes/cc-ci"
[hook]
secret_file = "{self.folder}/secret"
""")
        self.environment = {"CCCI_SETTINGS": str(self.folder / "settings.toml"), "PATH": os.environ["PATH"]}
        # Nothing of what was just made is recent: an idle pass is about a quiet day.
        self.gitea.control("POST", "/clock", {"advance": 3600})
        self.call("once")

    def call(self, *words, **more):
        return subprocess.run([self.program, *words], env=self.environment, capture_output=True, check=True, **more)

    def requests(self):
        return self.gitea.control("GET", "/counts")["total"] + self.drone.control("GET", "/counts")["total"]

    def builds(self):
        return len(self.drone.control("GET", "/builds"))

    def end(self):
        self.gitea.end()
        self.drone.end()
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def idle(place, passes):
    """Requests, milliseconds and kibibytes of a pass that finds nothing."""
    before, start = place.requests(), time.monotonic()
    process = subprocess.Popen(
        [place.program, "watch", "--interval", "0", "--passes", str(passes)], env=place.environment, stderr=subprocess.DEVNULL)
    memory = []
    while process.poll() is None:
        memory.append(resident(process.pid))
        time.sleep(0.25)
    wall = time.monotonic() - start
    if process.returncode:
        raise SystemExit(f"bench: watch ended with {process.returncode}")
    return (place.requests() - before) / passes, wall / passes * 1000, [size for size in memory if size]


def resident(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def curls(place, rounds):
    """The same by a plain loop: one curl a repository. Milliseconds."""
    start = time.monotonic()
    for _ in range(rounds):
        for name in place.names:
            subprocess.run(
                ["curl", "-s", "-o", "/dev/null", "-H", "Authorization: token token-of-bot",
                 f"{place.gitea.url}/api/v1/repos/{OWNER}/{name}/issues/comments?since=2026-01-01T00:00:00Z"], check=True)
    return (time.monotonic() - start) / rounds * 1000


def say(place, name):
    place.gitea.control("POST", "/comments", {"repo": f"{OWNER}/{name}", "number": 1, "author": "mira", "body": "!testme"})


def until_built(place, count, start):
    while place.builds() < count:
        if time.monotonic() - start > 30:
            raise SystemExit("bench: a comment led to no build within 30 s")
        time.sleep(0.002)
    return (time.monotonic() - start) * 1000


def watched(place, names):
    """Milliseconds from a comment to its build, with `watch --interval 1`."""
    process = subprocess.Popen([place.program, "watch", "--interval", "1"], env=place.environment, stderr=subprocess.DEVNULL)
    try:
        times = []
        for number, name in enumerate(names):
            # At any moment of the interval.
            time.sleep(0.5 + (number * 0.37) % 1)
            count, start = place.builds() + 1, time.monotonic()
            say(place, name)
            times.append(until_built(place, count, start))
        return times
    finally:
        process.terminate()
        process.wait()


def hooked(place, names):
    """The same through a webhook's delivery."""
    times = []
    for name in names:
        body = json.dumps({"repository": {"full_name": f"{OWNER}/{name}"}}).encode()
        signature = hmac.new(b"bench-secret", body, hashlib.sha256).hexdigest()
        head = f"POST /hook HTTP/1.1\r\nHost: x\r\nX-Gitea-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        count, start = place.builds() + 1, time.monotonic()
        say(place, name)
        delivery = threading.Thread(target=place.call, args=("hook",), kwargs={"input": head.encode() + body})
        delivery.start()
        times.append(until_built(place, count, start))
        delivery.join()
    return times


def percentile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


def bench(stage: Stage):
    rows = [idling(stage, repositories, most) for repositories, most in ((500, 2), (20, 20))]
    with Place(ROOT, stage.binaries, 120) as place:
        number = 5 if stage.quick else 50
        times = watched(place, place.names[:number])
        others = hooked(place, place.names[60 : 60 + number])
    for what, values, goal, limits in (
        ("watch --interval 1", times, 1500, "the interval"), ("webhook", others, 300, "the start of ccci-poll, and its requests one after the other")):
        last = percentile(values, 0.95)
        rows.append(row(
            f"comment to build, {what}: 95th percentile", "ms", last, None, "nobody else does the same", f"under {goal} ms", last < goal, limits,
            [f"median {percentile(values, 0.5)} ms of {len(values)}"], p50_ms=percentile(values, 0.5), p95_ms=last, count=len(values)))
    return rows, {}


def idling(stage: Stage, repositories: int, most: int) -> dict:
    with Place(ROOT, stage.binaries, repositories) as place:
        passes = 200 if stage.quick or repositories == 20 else 10_000
        requests, wall, memory = idle(place, passes)
        loop = curls(place, 1 if stage.quick else 5)
    half = memory[len(memory) // 2 :] or memory
    grown, most_kib = max(half) - min(half), max(memory)
    progress(f"{repositories} repositories: {requests:.2f} requests, {wall:.1f} ms a pass; by curl {loop:.0f} ms")
    goal, many = f"at most {most} requests, 40 MiB resident, no growth", repositories == 500
    return row(
        f"idle pass over {repositories} repositories", "ms", round(wall, 2), round(loop, 1), "one curl a repository", goal + (", under 100 ms" if many else ""),
        requests <= most and most_kib < 40 << 10 and grown < 2048 and (not many or wall < 100), "the git host's own answers",
        [f"{requests:.2f} requests a pass (at most {most})", f"{most_kib / 1024:.1f} MiB resident over {passes} passes, {grown} KiB of change in the second half"],
        requests=round(requests, 2), most_requests=most, resident_kib=most_kib, grown_kib=grown, passes=passes)
