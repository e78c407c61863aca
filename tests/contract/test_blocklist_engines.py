"""Block lists in the programs they are for: accepted, and doing what they say, in network namespaces of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tests.packets import addresses, answer, question, result_code
from tests.plans import SINKHOLE, full, knowledge, plan
from triage.intel.ioc_sets import AddressRow
from triage.outputs.blocklists import BLOCKLISTS, rpz
from triage.outputs.blocklists.plan import Plan, draw_up

PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
LISTED = "10.30.1.9"
MADE = {"default": plan(), "full": full()}


def tool(name: str) -> str:
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"not installed: {name}")
    return found


def write(folder: Path, form: str, made: Plan) -> list[Path]:
    paths = []
    for name, render in BLOCKLISTS[form].items():
        paths.append(folder / name)
        paths[-1].write_bytes(b"".join(render(made, "vi")))
    return paths


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=30)


def accepted(*command: object) -> str:
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# ---- packet filters -----------------------------------------------------------------------------------------------

# Two networks of one segment (a, b), and one of another (c), with a router between them.
NETWORKS = {"a": ("10.20.1.1", "10.20.1.2"), "b": ("10.20.2.1", "10.20.2.2"), "c": ("10.30.1.1", "10.30.1.2")}

SERVE = """
import socket, threading
def serve(port):
    with socket.create_server(("", port)) as server:
        while True: server.accept()[0].close()
for port in (139, 445, 446): threading.Thread(target=serve, args=(port,), daemon=True).start()
def echo(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("", port))
        while True: server.sendto(*server.recvfrom(64))
for port in (137, 138, 139): threading.Thread(target=echo, args=(port,), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
"""

ASK = """
import json, socket, sys, threading
answered = []
def ask(kind, host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as client:
        client.settimeout(0.7)
        try:
            client.connect((host, port))
            if kind == "udp":
                client.send(b"?")
                client.recv(1)
        except OSError:
            return
        answered.append([kind, host, port])
tried = [threading.Thread(target=ask, args=one) for one in json.loads(sys.argv[1])]
for one in tried: one.start()
for one in tried: one.join()
print(json.dumps(sorted(answered)))
"""


class Lab:
    """Hosts around a router, each in a network namespace."""

    def __init__(self) -> None:
        self.router = f"triage-{os.getpid()}-r"
        self.hosts = {name: f"triage-{os.getpid()}-{name}" for name in NETWORKS}
        self._servers: list[subprocess.Popen[str]] = []

    def build(self) -> None:
        ip = tool("ip")
        for name in (self.router, *self.hosts.values()):
            if (done := run(ip, "netns", "add", name)).returncode:
                pytest.skip(f"no network namespaces here: {done.stderr.strip()}")
            self.inside(name, ip, "link", "set", "lo", "up")
        for host, (gateway, address) in NETWORKS.items():
            own = self.hosts[host]
            accepted(
                ip, "link", "add", f"to-{host}", "netns", self.router, "type", "veth", "peer", "eth0", "netns", own
            )
            self.inside(self.router, ip, "address", "add", f"{gateway}/24", "dev", f"to-{host}")
            self.inside(self.router, ip, "link", "set", f"to-{host}", "up")
            self.inside(own, ip, "address", "add", f"{address}/24", "dev", "eth0")
            self.inside(own, ip, "link", "set", "eth0", "up")
            self.inside(own, ip, "route", "add", "default", "via", gateway)
        self.inside(self.hosts["c"], ip, "address", "add", f"{LISTED}/24", "dev", "eth0")
        self.inside(self.router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        for host in self.hosts.values():
            self._serve(host)

    def inside(self, name: str, *command: object) -> str:
        return accepted(tool("ip"), "netns", "exec", name, *command)

    def _serve(self, name: str) -> None:
        command = [tool("ip"), "netns", "exec", name, sys.executable, "-c", SERVE]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._servers.append(server)
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"

    def reached(self, source: str, *wanted: tuple[str, str, int]) -> set[tuple[str, str, int]]:
        told = self.inside(self.hosts[source], sys.executable, "-c", ASK, json.dumps(wanted))
        return {(kind, host, port) for kind, host, port in json.loads(told)}

    def end(self) -> None:
        for server in self._servers:
            server.kill()
            server.communicate()
        for name in (self.router, *self.hosts.values()):
            run(tool("ip"), "netns", "del", name)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    made = Lab()
    try:
        made.build()
        yield made
    finally:
        made.end()


LOAD = {
    "nftables": (("nft", "-f", "nftables.nft"), ("nft", "delete", "table", "inet", "triage")),
    "iptables": (("iptables-restore", "--noflush", "iptables.rules"), ("sh", "-c", "iptables -F && iptables -X")),
}
SMB = [("tcp", 139), ("tcp", 445), ("udp", 137), ("udp", 138)]
WEB = [("tcp", 446)]
OTHER = [*WEB, ("udp", 139)]


@contextmanager
def loaded(lab: Lab, folder: Path, form: str, made: Plan) -> Iterator[None]:
    write(folder, form, made)
    (tool_name, *options, file), undo = LOAD[form]
    lab.inside(lab.router, tool(tool_name), *options, folder / file)
    try:
        yield
    finally:
        lab.inside(lab.router, tool(undo[0]), *undo[1:])


def to(host: str, ports: list[tuple[str, int]]) -> set[tuple[str, str, int]]:
    return {(kind, host, port) for kind, port in ports}


def listing(**asked: object) -> Plan:
    """The shipped plan, with a publication that lists an address of the lab."""
    families, sets, network = knowledge()
    rows = (AddressRow(row=1, address=LISTED, reading="read"),)
    own = replace(sets[0], addresses=rows)
    return draw_up(families, [own], network, **asked)  # type: ignore[arg-type]


def test_the_lab_lets_everything_through_at_first(lab: Lab) -> None:
    wanted = {target for host in ("10.20.2.2", "10.30.1.2") for target in to(host, SMB + OTHER)}
    assert lab.reached("a", *wanted) == wanted


@pytest.mark.parametrize("form", LOAD)
def test_without_segments_smb_passes_nowhere_and_the_rest_passes(form: str, lab: Lab, tmp_path: Path) -> None:
    wanted = {target for host in ("10.20.2.2", "10.30.1.2") for target in to(host, SMB + OTHER)}
    with loaded(lab, tmp_path, form, plan()):
        assert lab.reached("a", *wanted) == to("10.20.2.2", OTHER) | to("10.30.1.2", OTHER)


@pytest.mark.parametrize("form", LOAD)
def test_smb_stays_inside_its_segment(form: str, lab: Lab, tmp_path: Path) -> None:
    segments = (ip_network("10.20.0.0/16"), ip_network("10.30.0.0/16"))
    with loaded(lab, tmp_path, form, plan(segments=segments)):
        near, far = to("10.20.2.2", SMB + OTHER), to("10.30.1.2", SMB + OTHER)
        assert lab.reached("a", *near, *far) == near | to("10.30.1.2", OTHER)
        back = to("10.20.1.2", SMB + OTHER)
        assert lab.reached("c", *back) == to("10.20.1.2", OTHER)


@pytest.mark.parametrize("form", LOAD)
def test_one_segment_is_cut_off_from_networks_that_were_not_named(form: str, lab: Lab, tmp_path: Path) -> None:
    with loaded(lab, tmp_path, form, plan(segments=(ip_network("10.30.0.0/16"),))):
        assert lab.reached("a", *to("10.20.2.2", SMB), *to("10.30.1.2", SMB)) == to("10.20.2.2", SMB)
        assert lab.reached("c", *to("10.20.1.2", SMB)) == set()


@pytest.mark.parametrize("form", LOAD)
def test_a_listed_address_is_reachable_until_it_is_to_be_blocked(form: str, lab: Lab, tmp_path: Path) -> None:
    with loaded(lab, tmp_path, form, listing()):
        assert lab.reached("a", *to(LISTED, WEB)) == to(LISTED, WEB)
    with loaded(lab, tmp_path, form, listing(block_relays=True)):
        assert lab.reached("a", *to(LISTED, WEB), *to("10.30.1.2", WEB)) == to("10.30.1.2", WEB)


@pytest.mark.parametrize("made", MADE)
def test_nft_takes_the_ruleset_twice_and_gives_it_back(made: str, lab: Lab, tmp_path: Path) -> None:
    (path,) = write(tmp_path, "nftables", MADE[made])
    nft = tool("nft")
    lab.inside(lab.router, nft, "-c", "-f", path)
    lab.inside(lab.router, nft, "-f", path)
    lab.inside(lab.router, nft, "-f", path)
    listed = lab.inside(lab.router, nft, "list", "table", "inet", "triage")
    assert len(set(re.findall(r"\d+\.\d+\.\d+\.\d+(?=[,\s])", listed))) == sum(
        len(one.rows) for one in MADE[made].groups
    )
    lab.inside(lab.router, nft, "delete", "table", "inet", "triage")
    assert "triage" not in lab.inside(lab.router, nft, "list", "ruleset")


@pytest.mark.parametrize("made", MADE)
def test_the_way_back_of_iptables_leaves_nothing(made: str, lab: Lab, tmp_path: Path) -> None:
    for path, name in zip(write(tmp_path, "iptables", MADE[made]), ("iptables", "ip6tables"), strict=True):
        before = chains(lab, name)
        lab.inside(lab.router, tool(f"{name}-restore"), "--test", "--noflush", path)
        lab.inside(lab.router, tool(f"{name}-restore"), "--noflush", path)
        assert "TRIAGE-SMB" in chains(lab, name)
        head = [line.lstrip("# ") for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
        undo = head[head.index("Cách gỡ / Undo:") + 1 :]
        lab.inside(lab.router, "sh", "-ec", "\n".join(undo))
        assert chains(lab, name) == before


def chains(lab: Lab, name: str) -> str:
    saved = lab.inside(lab.router, tool(f"{name}-save"))
    return "\n".join(line for line in saved.splitlines() if "TRIAGE" in line)


# ---- name servers -------------------------------------------------------------------------------------------------


def ask(port: int, name: str) -> bytes:
    """The answer of a name server on this machine, which may still be starting."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as client:
        client.settimeout(0.5)
        client.connect(("127.0.0.1", port))
        for _ in range(40):
            try:
                client.send(question(name))
                return client.recv(4096)
            except (TimeoutError, ConnectionRefusedError):
                time.sleep(0.05)
    raise AssertionError(f"no answer for {name}")


def wait_for_policy(port: int, name: str) -> None:
    """Until BIND has read its policy zone it fails every question (result code 2)."""
    for _ in range(100):
        if result_code(ask(port, name)) != 2:
            return
        time.sleep(0.05)


def free_port() -> int:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*command: object) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        yield server
    finally:
        server.kill()
        server.wait()


@contextmanager
def dnsmasq(path: Path, *more: str) -> Iterator[int]:
    port = free_port()
    own = ("--keep-in-foreground", f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces")
    alone = ("--no-resolv", "--no-hosts", "--user=", "--pid-file=", f"--conf-file={path}")
    with running(tool("dnsmasq"), *own, *alone, *more):
        yield port


@contextmanager
def upstream() -> Iterator[int]:
    """A name server that answers every question with 198.51.100.1."""
    serve = (
        "import socket, sys\n"
        "from tests.packets import answer\n"
        "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:\n"
        "    server.bind(('127.0.0.1', int(sys.argv[1])))\n"
        "    while True:\n"
        "        asked, client = server.recvfrom(512)\n"
        "        end = asked.index(0, 12) + 5\n"
        "        server.sendto(answer(asked[:end], '198.51.100.1'), client)\n"
    )
    port = free_port()
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", serve, str(port)]
    server = subprocess.Popen(command, cwd=root)
    try:
        ask(port, "ready.example.vn")
        yield port
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("made", MADE)
def test_dnsmasq_takes_the_file(made: str, tmp_path: Path) -> None:
    (path,) = write(tmp_path, "dnsmasq", MADE[made])
    assert "syntax check OK" in accepted(tool("dnsmasq"), "--test", "-C", path)


def test_dnsmasq_sends_every_kill_switch_to_the_sinkhole_and_onions_nowhere(tmp_path: Path) -> None:
    (path,) = write(tmp_path, "dnsmasq", full())
    with dnsmasq(path) as port:
        for host in full().kill_switches:
            assert addresses(ask(port, host.name)) == [SINKHOLE]
            assert addresses(ask(port, f"other.{host.name}")) == [SINKHOLE]
        for host in full().blocked:
            assert result_code(ask(port, host.name)) == 3


def test_dnsmasq_without_a_sinkhole_lets_a_kill_switch_out_past_another_block_list(tmp_path: Path) -> None:
    (path,) = write(tmp_path, "dnsmasq", plan())
    with upstream() as server, dnsmasq(path, f"--server=127.0.0.1#{server}", "--address=/com/0.0.0.0") as port:
        assert addresses(ask(port, "www.microsoft.com")) == ["0.0.0.0"]
        for host in plan().kill_switches:
            assert addresses(ask(port, host.name)) == ["198.51.100.1"]


def named_conf(folder: Path, port: int) -> Path:
    """The recipe in a named.conf of its own, its zone file in the folder, and nobody asked outside."""
    zone, recipe = write(folder, "rpz", full())
    text = recipe.read_text("utf-8")
    assert f"  {rpz.POLICY}\n" in text
    recipe.write_text(text.replace(f"/etc/bind/{zone.name}", str(zone)), "utf-8")
    conf = folder / "named.conf"
    conf.write_text(
        f'include "{recipe}";\n'
        f'options {{ directory "{folder}"; pid-file none; session-keyfile none; listen-on-v6 {{ none; }};\n'
        f"listen-on port {port} {{ 127.0.0.1; }}; recursion yes; dnssec-validation no;\n"
        f"forward only; forwarders {{ 127.0.0.1 port 9; }}; {rpz.POLICY} }};\ncontrols {{ }};\n"
    )
    return conf


@pytest.mark.parametrize("made", MADE)
def test_bind_takes_the_zone(made: str, tmp_path: Path) -> None:
    zone, _ = write(tmp_path, "rpz", MADE[made])
    assert "OK" in accepted(tool("named-checkzone"), rpz.ZONE, zone)


def test_bind_takes_the_recipe_with_its_zone(tmp_path: Path) -> None:
    told = accepted(tool("named-checkconf"), "-z", named_conf(tmp_path, 5300))
    assert f"zone {rpz.ZONE}/IN: loaded serial" in told


def test_bind_answers_with_the_sinkhole_where_there_is_no_internet(tmp_path: Path) -> None:
    port = free_port()
    with running(tool("named"), "-f", "-c", named_conf(tmp_path, port)):
        wait_for_policy(port, full().kill_switches[0].name)
        for host in full().kill_switches:
            assert addresses(ask(port, host.name)) == [SINKHOLE]
        assert result_code(ask(port, full().blocked[0].name)) == 3


def test_a_hosts_file_gives_the_sinkhole_to_a_resolver(tmp_path: Path) -> None:
    (path,) = write(tmp_path, "hosts", full())
    empty = tmp_path / "empty.conf"
    empty.write_text("")
    with dnsmasq(empty, f"--addn-hosts={path}") as port:
        for host in full().kill_switches:
            assert addresses(ask(port, host.name)) == [SINKHOLE]
        assert addresses(ask(port, full().blocked[0].name)) == ["0.0.0.0"]


def test_the_fake_answers_are_read_back() -> None:
    assert addresses(answer(question("a.vn"), "10.0.0.1")) == ["10.0.0.1"]
    assert ip_address(SINKHOLE).is_private
