"""Firefox without a window, driven over WebDriver BiDi, which it speaks itself: no driver is needed.

What is tested in it is skipped where it is missing, or the package `websocket-client`, which selenium brings.
"""

import contextlib
import itertools
import json
import re
import shutil
import subprocess
import threading

import pytest

FIREFOX = next(filter(None, map(shutil.which, ("firefox", "firefox-esr"))), None)
PATIENCE = 60  # seconds


class Firefox:
    """A browser with one page.

    Attributes:
        said: what its console has said: errors, and requests that the content policy has blocked.
    """

    def __init__(self, connection):
        self.said = []
        self._connection = connection
        self._numbers = itertools.count(1)
        self._call("session.new", capabilities={})
        self._context = self._call("browsingContext.getTree")["contexts"][0]["context"]
        self._call("session.subscribe", events=["log.entryAdded"])

    def _call(self, method, **parameters):
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv())
            if message.get("method") == "log.entryAdded":
                self.said.append(message["params"]["text"])
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]

    def open(self, address):
        """Go to an address and wait until it is there."""
        self._call("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def reload(self):
        """Open the page again."""
        self._call("browsingContext.reload", context=self._context, wait="complete")

    def run(self, script, *arguments):
        """What the lines of a function return there."""
        called = f"JSON.stringify((function () {{ {script} }})(...{json.dumps(arguments)}) ?? null)"
        found = self._call("script.evaluate", expression=called, target={"context": self._context}, awaitPromise=False)
        assert found["type"] == "success", found["exceptionDetails"]["text"]
        return json.loads(found["result"]["value"])

    def press(self, *keys):
        """Press keys, one after the other."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        keyboard = [{"type": "key", "id": "keyboard", "actions": actions}]
        self._call("input.performActions", context=self._context, actions=keyboard)


@contextlib.contextmanager
def firefox(profile):
    """The browser with a profile of its own in the folder `profile`; it is closed at the end."""
    websocket = pytest.importorskip("websocket", reason="websocket-client is not installed")
    if not FIREFOX:
        pytest.skip("there is no firefox on PATH")
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        impatience = threading.Timer(PATIENCE, process.kill)
        unread = threading.Thread(target=process.stderr.read)  # what nobody reads would stop it
        try:
            impatience.start()
            found = (re.search(r"WebDriver BiDi listening on (ws://\S+)", line) for line in process.stderr)
            address = next(filter(None, found), None)
            impatience.cancel()
            unread.start()
            if address is None:
                pytest.skip("the firefox on PATH does not start")
            connection = websocket.create_connection(f"{address[1]}/session", timeout=PATIENCE, suppress_origin=True)
            with contextlib.closing(connection):
                yield Firefox(connection)
        finally:
            impatience.cancel()
            process.kill()
            unread.join()
