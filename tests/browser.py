"""A JupyterLab server and a headless Chromium, as students and instructors use them."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

T = TypeVar("T")
PATIENCE = 240  # s: a loaded machine is slow, a right page is still a right page
_TRIES = 8


#: The first visible element that matches a selector and has a text. In the page itself:
#: Chromium's driver would be asked of each element, time and again.
_VISIBLE = """
for (const element of document.querySelectorAll(arguments[0])) {
  const shown = element.checkVisibility({opacityProperty: true,
    visibilityProperty: true}) && element.getClientRects().length;
  const text = element.innerText ?? element.textContent ?? "";
  if (shown && text.replaceAll("\\u00a0", " ").includes(arguments[1])) return element;
}
return null;
"""


@contextlib.contextmanager
def jupyter_lab(folder: Path, home: Path, **env: str) -> Iterator[str]:
    """A JupyterLab on `folder`, with a home of its own; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home.mkdir(exist_ok=True)
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHON"))
    }
    log = (home / "jupyter.log").open("w")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
            *(
                f"--port={port}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=",
            ),
            *(f"--ServerApp.root_dir={folder}", "--LabApp.news_url="),
        ],
        cwd=folder,
        env={
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
            "HOME": str(home),
            **env,
        },
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(server, url, home / "jupyter.log")
        yield url
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def _until_it_answers(server: subprocess.Popen, url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/api"):
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab does not answer:\n{log.read_text()}")


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """A headless Chromium with an empty profile; a test is skipped where none is."""
    found, driven_by = shutil.which("chromium"), shutil.which("chromedriver")
    if found is None or driven_by is None:
        pytest.skip("there is no Chromium here (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = found
    for argument in (
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--no-first-run", "--disable-background-networking", "--disable-sync"),
        *("--disable-component-update", "--window-size=1400,1400"),
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, Service(driven_by))
    try:
        yield Page(driver)
    finally:
        driver.quit()


@dataclass(frozen=True)
class Page:
    """What a person does with a page: look for things, click, type, wait."""

    driver: webdriver.Chrome

    def find(self, css: str, text: str = "") -> WebElement:
        """The first visible element that matches, as soon as there is one."""

        def look(driver: webdriver.Chrome) -> WebElement | None:
            found: WebElement | None = driver.execute_script(_VISIBLE, css, text)
            return found

        return self.wait(look, f"{css} with '{text}'")

    def click(self, css: str, text: str = "") -> None:
        """Click it, once nothing lies over it any more."""

        def press(_: webdriver.Chrome) -> bool:
            self.find(css, text).click()
            return True

        self.wait(press, f"a click on {css} with '{text}'")

    def wait(self, condition: Callable[[webdriver.Chrome], T | None], what: str) -> T:
        """What `condition` returns, once that is true."""
        waiting = WebDriverWait(
            self.driver, PATIENCE, ignored_exceptions=[WebDriverException]
        )
        return waiting.until(condition, f"waited in vain for {what}")

    def write(self, editor: WebElement, text: str) -> None:
        """Replace what an editor of JupyterLab holds."""
        self.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center'})", editor
        )
        editor.click()
        keys = webdriver.ActionChains(self.driver)
        keys.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
        # As one piece: key by key, the editor would close each bracket once more.
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def command(self, name: str) -> None:
        """Run one of JupyterLab's commands from its palette."""
        item = f'li[data-command="{name}"]'
        for _ in range(_TRIES):  # the page may be there before its keys are
            keys = webdriver.ActionChains(self.driver)
            keys.key_down(Keys.CONTROL).key_down(Keys.SHIFT).send_keys("c")
            keys.key_up(Keys.SHIFT).key_up(Keys.CONTROL).perform()
            with contextlib.suppress(TimeoutException):
                WebDriverWait(self.driver, PATIENCE / _TRIES).until(
                    lambda driver: driver.execute_script(_VISIBLE, item, "")
                )
                break
        self.click(item)

    def picture(self, path: Path) -> None:
        """Keep what is on the screen."""
        self.driver.save_screenshot(str(path))
