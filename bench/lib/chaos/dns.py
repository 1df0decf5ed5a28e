"""A DNS server for the nodes, one port each, so that every node can be told something else."""

import selectors
import socket
import struct
import threading

NAME = "homespan.chaos.test"
TTL = 1
NXDOMAIN, SERVFAIL = 3, 2


class Dns:
    """Answers in a thread of its own. A node's mode: ok, dead, nothing, unknown, failing, or a list of addresses."""

    def __init__(self, nodes):
        self.members = []  # addresses, the truth
        self.modes = {n: "ok" for n in nodes}
        self.sockets = {}
        self.queries = 0
        self.selector = selectors.DefaultSelector()
        for n in nodes:
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(("127.0.0.1", 0))
            self.sockets[n] = s
            self.selector.register(s, selectors.EVENT_READ, n)
        threading.Thread(target=self.serve, daemon=True).start()

    def address(self, node):
        return "127.0.0.1:%d" % self.sockets[node].getsockname()[1]

    def serve(self):
        while True:
            for key, _ in self.selector.select():
                query, caller = key.fileobj.recvfrom(4096)
                answer = self.answer(query, self.modes[key.data])
                if answer:
                    key.fileobj.sendto(answer, caller)

    def answer(self, query, mode):
        self.queries += 1
        if mode == "dead" or len(query) < 17:
            return None
        end = query.index(b"\0", 12) + 5
        question = query[12:end]
        kind = struct.unpack("!H", query[end - 4 : end - 2])[0]
        made_up = isinstance(mode, list)
        addresses = mode if made_up else self.members if mode == "ok" else []
        code = 0 if made_up else {"unknown": NXDOMAIN, "failing": SERVFAIL}.get(mode, 0)
        if name_of(question) != NAME:
            addresses, code = [], NXDOMAIN
        records = b""
        if kind == 1:
            for a in addresses:
                records += b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, TTL, 4) + socket.inet_aton(a)
        count = len(records) // 16
        return query[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, count, 0, 0) + question + records


def name_of(question):
    labels, at = [], 0
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode("ascii", "replace").lower())
        at += 1 + question[at]
    return ".".join(labels)
