"""A page that steps through backpropagation, open in a browser: what the tests of it share."""

import pytest

from engine import Value

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HOSTILE = "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>'&\N{PARTY POPPER}"


class Page:
    """A page that is open in the browser."""

    def __init__(self, browser):
        self.browser = browser

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def press(self, *keys, on="body"):
        for key in keys:
            self.browser.find_element(By.CSS_SELECTOR, on).send_keys(key)

    def type(self, name, text):
        field = self.browser.find_element(By.CSS_SELECTOR, f'[aria-label="value of {name}"]')
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text or Keys.DELETE)

    def text(self, selector):
        return " ".join(self.browser.find_element(By.CSS_SELECTOR, selector).get_attribute("textContent").split())

    @property
    def step(self):
        return int(self.run("return document.getElementById('slider').value"))

    def listed(self):
        """The list of values: name -> (value, adjoint), None where it is not known yet."""
        cells = self.run(
            """return [...document.querySelectorAll("tbody tr")].map((row) => [
                row.querySelector("th").textContent,
                row.querySelector("input")?.value ?? row.cells[1].dataset.number ?? null,
                row.cells[2].dataset.number ?? null])"""
        )
        return {name: (number(value), number(adjoint)) for name, value, adjoint in cells}

    def drawn(self):
        """The texts of the drawing by the id of their group."""
        return self.run(
            """return Object.fromEntries([...document.querySelectorAll("#drawing g[id]")].map((group) =>
                [group.id, [...group.querySelectorAll("text")].map((text) => text.textContent.trim())]))"""
        )

    def lit(self):
        return self.run("return [...document.querySelectorAll('#drawing .lit')].map((part) => part.id).sort()")


def number(text):
    return None if text is None else float(text.replace("\N{MINUS SIGN}", "-"))


def media(browser, **features):
    named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})


def expression():
    """y = (a + b) a: s = a + b, and a is used twice."""
    a, b = Value(3.0, "a"), Value(-1.0, "b")
    return ((a + b).named("s") * a).named("y")
