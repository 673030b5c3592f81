"""A JupyterHub set up as docs/jupyterhub.md says, by the page's own lines.

It has a machine of its own: users with homes and passwords, in a copy of /etc that
nobody else sees. Only root can make one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from browser import PATIENCE, Page

PAGE = Path(__file__).parents[1] / "docs" / "jupyterhub.md"
PROGRAMS = Path(sys.executable).parent
INSTRUCTOR, STUDENTS = "teacher", ("ada", "ben")
_BLOCK = re.compile(r"^```\w+\n# ([^\n]+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_NEEDED = ("setpriv", "unshare", "useradd", "chpasswd", "runuser")
_PORTS = """
c.JupyterHub.bind_url = "http://127.0.0.1:{}"
c.JupyterHub.hub_port = {}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{}"
"""


@dataclass(frozen=True)
class Hub:
    """A hub that runs.

    Attributes:
        url: where people log in.
        folder: holds home/, srv/ and what the hub keeps.
        page: the blocks of docs/jupyterhub.md by their first lines.
    """

    url: str
    folder: Path
    page: dict[str, str]

    def home(self, person: str) -> Path:
        return self.folder / "home" / person

    def lab(self, person: str) -> str:
        return f"{self.url}/user/{person}/lab?reset"

    def log_in(self, page: Page, person: str) -> None:
        """Log in, as the only one in this browser, and wait for the server."""
        page.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        page.driver.get(f"{self.url}/hub/login")
        page.find("#username_input").send_keys(person)
        page.find("#password_input").send_keys(_password(person))
        page.click("#login_submit")
        page.find("#jp-main-dock-panel")


@contextlib.contextmanager
def jupyter_hub() -> Iterator[Hub]:
    """A hub that the people of the page can log in to.

    A test is skipped where there is no JupyterHub, no proxy for it, or no root.
    """
    if find_spec("jupyterhub") is None:
        pytest.skip("there is no JupyterHub here (.venv/bin/pip install jupyterhub)")
    if not _is_of_node(shutil.which("configurable-http-proxy", path=_path())):
        pytest.skip("there is no proxy here (npm install -g configurable-http-proxy)")
    if not _others_can_run_this():
        pytest.skip("only root can make users, and they have to reach this environment")
    with tempfile.TemporaryDirectory(prefix="fairgrade-hub-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        ports = _free_ports(3)
        hub = Hub(f"http://127.0.0.1:{ports[0]}", folder, _page(folder))
        script = folder / "begin.sh"
        script.write_text(_begin(hub, ports))
        own = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
        # However the tests end, nothing of this machine is left.
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", *own]
        command += ["bash", "-eu", str(script)]
        with (folder / "hub.log").open("w") as log:
            server = subprocess.Popen(
                command, cwd=folder, env=_environment(), stdout=log, stderr=log
            )
        try:
            _until_it_answers(server, f"{hub.url}/hub/api", folder / "hub.log")
            yield hub
        finally:
            # What kills `unshare` kills all that runs on that machine.
            server.kill()
            server.wait(PATIENCE)


def _page(folder: Path) -> dict[str, str]:
    """The page's blocks, with the places of this hub."""
    found: dict[str, str] = {}
    for title, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for there, here in (
            ("/opt/hub", sys.prefix),
            ("/home/", f"{folder}/home/"),
            ("/srv/", f"{folder}/srv/"),
        ):
            text = text.replace(there, str(here))
        found[title] = text
    return found


def _begin(hub: Hub, ports: list[int]) -> str:
    """What sets the machine up, and then becomes the hub."""
    config = "/etc/jupyterhub/jupyterhub_config.py"
    known, profile = "/etc/jupyter/nbgrader_config.py", "/etc/profile.d/hub.sh"
    own, roster = "/home/teacher/.jupyter/nbgrader_config.py", "my-course/roster.csv"
    exchange = hub.page["my-course/course.yml"].strip()
    teacher = [
        f"cd {hub.home(INSTRUCTOR)}",
        hub.page["as teacher"],
        _written(roster, hub.page[roster]),
        _written(own.replace("/home", f"{hub.folder}/home"), hub.page[own]),
        f"sed -i 's|^exchange: .*|{exchange}|' my-course/course.yml",
    ]
    steps = [
        f"cp -a /etc {hub.folder}/etc",
        f"mount --bind {hub.folder}/etc /etc",
        f"mkdir -p {hub.folder}/home {hub.folder}/hub /etc/jupyter /etc/jupyterhub",
        f"useradd -D --base-dir {hub.folder}/home",
        # Numbers that nobody gets who is made outside meanwhile, by another test say.
        "sed -i 's/^UID_MIN.*/UID_MIN 30000/' /etc/login.defs",
        hub.page["as root"],
        *(f"echo {p}:{_password(p)} | chpasswd" for p in (INSTRUCTOR, *STUDENTS)),
        f"runuser -u {INSTRUCTOR} -- bash -eu <<'TEACHER'",
        *teacher,
        "TEACHER",
        _written(known, hub.page[known]),
        _written(profile, hub.page[profile]),
        _written(config, hub.page[config] + _PORTS.format(*ports)),
        f"cd {hub.folder}/hub",
        f"exec jupyterhub --config {config}",
    ]
    return "\n".join(steps)


def _written(path: str, text: str) -> str:
    return f"cat > {path} <<'END'\n{text}END"


def _password(person: str) -> str:
    return f"known-to-{person}-alone"


def _path() -> str:
    return f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"


def _environment() -> dict[str, str]:
    """As of a machine on which nothing was set up before."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("JUPYTER", "PYTHON", "FAIRGRADE"))
    }
    return {**kept, "PATH": _path()}


def _is_of_node(proxy: str | None) -> bool:
    """Whether this is JupyterHub's own proxy, and not another of that name."""
    if proxy is None:
        return False
    with open(proxy, "rb") as program:
        return b"node" in program.readline(200)


def _others_can_run_this() -> bool:
    """Whether users can be had for the test, who can run what it runs."""
    if os.geteuid() != 0 or not all(map(shutil.which, _NEEDED)):
        return False
    probe = [sys.executable, "-c", "import fairgrade, jupyterhub"]
    try:
        done = subprocess.run(probe, user=65534, group=65534, capture_output=True)
        own = subprocess.run(["unshare", "--mount", "--pid", "true"])
    except OSError:
        return False
    return done.returncode == own.returncode == 0


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in made:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in made]


def _until_it_answers(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(url):
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.3)
    raise AssertionError(f"JupyterHub does not answer:\n{log.read_text()}")
