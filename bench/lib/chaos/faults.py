"""What is done to a tier. Each fault is a generator: it yields seconds to wait, and ends when all is well again."""

import os
import signal

BETWEEN = 1.0  # a process fault leaves its node alone so long after it is ready
WARMING = 20_000  # ms in which a process that shares two cores with eight others still compiles
PATIENCE = 40  # seconds for a node to be ready or to exit


class World:
    """What faults act on."""

    def __init__(self, tier, proxy, backend, dns, clock):
        self.tier = tier
        self.proxy = proxy
        self.backend = backend
        self.dns = dns
        self.clock = clock
        self.links = set()
        self.sinks = set()
        self.names = set()
        self.resizing = False

    def up(self):
        return [self.tier.node(n) for n in self.tier.members if not self.tier.node(n).busy and self.tier.node(n).alive()]


def until_ready(node):
    for _ in range(int(PATIENCE / 0.5)):
        if node.ready():
            yield BETWEEN
            return
        if not node.alive():
            break
        yield 0.5
    node.tier.surprises.append(f"node {node.number} was not ready within {PATIENCE} s of its start")


def terminated(node):
    """SIGTERM until it has ended; it must end with 0."""
    node.read_books()
    node.signal(signal.SIGTERM)
    for _ in range(PATIENCE * 4):
        if not node.alive():
            break
        if node.get("/health", 0.3) is not None:
            node.read_books(0.3)
        yield 0.25
    code = node.process.child.poll()
    node.ended("terminated")
    if code != 0:
        said = "did not end" if code is None else f"ended with {code}"
        node.tier.surprises.append(f"node {node.number} {said} after SIGTERM, {node.process.log.name}")
    node.process.stop()


def kill(world, node, seconds):
    node.kill()
    yield seconds
    node.start()
    yield from until_ready(node)


def terminate(world, node, seconds):
    yield from terminated(node)
    yield seconds / 2
    node.start()
    yield from until_ready(node)


def pause(world, node, seconds):
    node.signal(signal.SIGSTOP)
    yield seconds
    node.signal(signal.SIGCONT)
    yield BETWEEN


def rolling(world, seconds):
    """Every member in turn, as an upgrade does it."""
    for node in [world.tier.node(n) for n in world.tier.members]:
        while node.busy:
            yield 0.5
        if not node.alive():
            continue
        node.busy = True
        yield from terminated(node)
        node.start()
        yield from until_ready(node)
        node.busy = False


def kill_all(world, seconds):
    """Every node that nothing else is being done to, in one moment."""
    nodes = world.up()
    for node in nodes:
        node.busy = True
        node.kill()
    yield seconds
    for node in nodes:
        node.start()
    for node in nodes:
        yield from until_ready(node)
        node.busy = False


def resize(world, seconds):
    """To two nodes, and then to all six."""
    tier = world.tier
    world.resizing = True
    while any(n.busy for n in tier.nodes):
        yield 0.5
    leave = tier.members[2:]
    for n in leave:
        tier.node(n).busy = True
    tier.tell_senders(tier.members[:2])
    leaving = [terminated(tier.node(n)) for n in leave]
    tier.set_members(tier.members[:2])
    while leaving:
        yield 0.1
        leaving = [g for g in leaving if next(g, None) is not None]
    yield seconds
    come = [n.number for n in tier.nodes if n.number not in tier.members]
    for n in come:
        tier.node(n).busy = True
        tier.node(n).start()
    tier.dns.members = [n.outer for n in tier.nodes]
    for n in come:
        yield from until_ready(tier.node(n))
        tier.node(n).busy = False
    tier.set_members([n.number for n in tier.nodes])
    world.resizing = False


def of_link(mode):
    def fault(world, node, seconds):
        world.proxy.ask({"node": node.number, "mode": mode})
        yield seconds
        world.proxy.ask({"node": node.number, "mode": "pass"})

    return fault


def of_sink(mode):
    def fault(world, node, seconds):
        world.backend.ask({"node": node.number, "mode": mode})
        yield seconds
        world.backend.ask({"node": node.number, "mode": "ok"})

    return fault


def of_dns(mode, everybody):
    """What one node, or all of them, are told; `mode` may make it up."""

    def fault(world, nodes, seconds):
        told = nodes if not everybody else world.tier.nodes
        for node in told:
            world.dns.modes[node.number] = mode(world, node) if callable(mode) else mode
        yield seconds
        for node in told:
            world.dns.modes[node.number] = "ok"

    return fault


def without_a_member(world, node):
    """A view in which one living member is missing."""
    others = [a for a in world.dns.members if a != node.outer]
    return [a for a in world.dns.members if a != others[0]] if others else []


def with_strangers(world, node):
    """Members, and addresses behind which there is nobody."""
    return [*world.dns.members, "127.1.0.201", "127.1.0.202"]


def half_of_them(world, node):
    """Even and odd nodes are told of themselves only."""
    return [n.outer for n in world.tier.nodes if n.number in world.tier.members and n.number % 2 == node.number % 2]


def full_disk(world, node, seconds):
    ballast = world.tier.disk / "ballast"
    stat = os.statvfs(world.tier.disk)
    with open(ballast, "wb") as f:
        free = stat.f_bavail * stat.f_frsize
        step = 1 << 20
        while free > 0 and step >= 4096:  # to the last page
            try:
                os.posix_fallocate(f.fileno(), f.tell(), step)
                f.seek(0, 2)
                free -= step
            except OSError:
                step //= 2
    yield seconds
    ballast.unlink()


def clock_jump(world, node, seconds):
    world.clock.jump(node.number, world.clock.random.choice((-3600, -7, 7, 3600)))
    yield seconds
    world.clock.jump(node.number, 0)


# name: (what it acts on, group for the tables, shortest and longest in seconds, what it does)
KINDS = {
    "kill": ("process", "killed", 0, 6, kill),
    "terminate": ("process", "terminated", 0, 6, terminate),
    "pause": ("process", "paused", 1, 12, pause),
    "rolling restart": ("tier", "terminated", 0, 0, rolling),
    "kill all at once": ("tier", "killed", 0, 4, kill_all),
    "5 -> 2 -> 6 nodes": ("tier", "membership", 2, 8, resize),
    "link throttled": ("link", "link", 3, 10, of_link("throttle")),
    "link delayed": ("link", "link", 3, 10, of_link("delay")),
    "link black hole": ("link", "link", 2, 12, of_link("hole")),
    "link mute": ("link", "link", 2, 10, of_link("mute")),
    "link cut": ("link", "link", 0.1, 5, of_link("cut")),
    "link refused": ("link", "link", 1, 8, of_link("refuse")),
    "link flaky": ("link", "link", 3, 10, of_link("flaky")),
    "sink slow": ("sink", "sink", 3, 10, of_sink("slow")),
    "sink stalls": ("sink", "sink", 2, 12, of_sink("stall")),
    "sink mute": ("sink", "sink", 2, 9, of_sink("mute")),
    "sink refuses": ("sink", "sink", 2, 10, of_sink("refuse")),
    "sink gone": ("sink", "sink", 1, 10, of_sink("gone")),
    "disk full": ("disk", "sink", 2, 10, full_disk),
    "DNS dead": ("names", "dns", 3, 12, of_dns("dead", True)),
    "DNS says nothing": ("names", "dns", 2, 8, of_dns("nothing", True)),
    "DNS knows no such name": ("names", "dns", 2, 8, of_dns("unknown", True)),
    "DNS fails": ("names", "dns", 2, 8, of_dns("failing", True)),
    "DNS leaves one out, for one node": ("name", "dns", 3, 8, of_dns(without_a_member, False)),
    "DNS names strangers": ("names", "dns", 3, 8, of_dns(with_strangers, True)),
    "DNS views split in two": ("names", "dns", 3, 8, of_dns(half_of_them, True)),
    "clock jump": ("clock", "clock", 2, 8, clock_jump),
}


class Fault:
    """One line of the schedule, and when and where it really was."""

    def __init__(self, at, kind, seconds, pick):
        self.at = at
        self.kind = kind
        self.seconds = seconds
        self.pick = pick  # 0..1: which of those that can be chosen
        self.node = 0  # 0: all
        self.begin = None
        self.end = None

    def record(self):
        group = KINDS[self.kind][1]
        return {"kind": self.kind, "group": group, "node": self.node, "begin": self.begin, "end": self.end}


def possible(discovery, disk, clock):
    """Kinds that can be done here, and why others cannot."""
    left_out = {}
    for kind, (on, *_) in KINDS.items():
        if on in ("name", "names") and discovery != "dns":
            left_out[kind] = "the nodes of this seed use discovery_mode static"
        if on == "disk" and not disk:
            left_out[kind] = "no small tmpfs could be mounted"
        if on == "clock" and not clock:
            left_out[kind] = "no C compiler for the library that moves a process's clock"
    return [k for k in KINDS if k not in left_out], left_out


def schedule(random, seconds, kinds, every, extra):
    """Bags of all kinds, shuffled, one fault about every so many seconds; tier-wide ones once a bag."""
    plan, at, bag = [], 3.0, []
    while at < seconds:
        if not bag:
            bag = list(kinds) + (["kill", "terminate", "pause"] if extra else [])
            random.shuffle(bag)
        kind = bag.pop()
        _, _, least, most, _ = KINDS[kind]
        plan.append(Fault(at, kind, random.uniform(least, most), random.random()))
        at += random.uniform(0.5, 1.5) * every
    return plan


def begin(world, fault):
    """The generator of a fault, or None if there is nothing now that it could be done to."""
    on, _, _, _, act = KINDS[fault.kind]
    if world.resizing and on in ("process", "tier", "names", "name"):
        return None
    if on == "tier":
        return act(world, fault.seconds)
    if on in ("process", "clock"):
        choice = world.up()
    elif on == "link":
        choice = [n for n in world.up() if n.number not in world.links]
    elif on == "sink":
        choice = [n for n in world.up() if "otlp" in n.sinks and n.number not in world.sinks]
    elif on == "disk":
        choice = [n for n in world.tier.nodes if "file" in n.sinks and n.number not in world.sinks]
    elif on == "name":
        choice = world.up() if not world.names else []
    else:
        choice = [] if world.names else [None]
    if not choice:
        return None
    node = choice[int(fault.pick * len(choice))]
    fault.node = node.number if node and on not in ("disk",) else 0
    return held(world, on, node, act, fault.seconds)


def held(world, on, node, act, seconds):
    """The fault, with its object marked as taken for so long."""
    taken = {"link": world.links, "sink": world.sinks, "disk": world.sinks, "name": world.names, "names": world.names}
    if on in ("process", "clock"):
        node.busy = True
    else:
        taken[on].add(node.number if node else 0)
    try:
        yield from act(world, [node] if on == "name" else node, seconds)
    finally:
        if on in ("process", "clock"):
            node.busy = False
        else:
            taken[on].discard(node.number if node else 0)


def causes_of_blocks(blocks, applied):
    """The blocks, each with why a thread was said to be blocked, in so far as chaos knows."""
    return [{**b, "cause": cause_of_block(b, blocks, applied)} for b in blocks]


def cause_of_block(block, blocks, applied):
    begin = block["at"] - block["ms"] - 1000
    for kind, said in (("pause", "the process was frozen"), ("clock jump", "the clock was moved")):
        for f in applied:
            if f.kind == kind and f.node == block["node"] and f.begin <= block["at"] and f.end + 2000 >= begin:
                return said
    if block["at"] < block["begun"] + WARMING:
        return "the process had just started"
    if any(b["node"] != block["node"] and abs(b["at"] - block["at"]) < 1500 for b in blocks):
        return "several processes stood still at once, so the machine did"
    return "nothing that was done to it"
