"""A reader of the site, who opens its pages in a browser and notes what is wrong with them."""

import json
import time
from urllib.parse import urldefrag

from browser_pages import media


class Visitor:
    """Opens pages of the site at `address`.

    Attributes:
        ids: of each page that was opened, the ids within it.
        links: of each page, where its links lead and what it shows from files.
        wrong: what was found to be wrong, each with the page.
    """

    def __init__(self, browser, address, axe):
        self.browser, self.address, self.axe = browser, address, axe
        self.ids, self.links, self.wrong = {}, {}, []

    def open(self, name, width=1280):
        self.resize(width)
        self.browser.get(f"{self.address}{name}")

    def resize(self, width):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def value(self, expression):
        return self.run(f"return {expression}")

    def until(self, condition, seconds=60, where=""):
        end = time.monotonic() + seconds
        while not (found := self.value(condition)):
            assert time.monotonic() < end, f"{where} {condition}: {self.browser.get_log('browser')}"
            time.sleep(0.03)
        return found

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def press(self, selector):
        self.run("document.querySelector(arguments[0]).click()", selector)

    def replace(self, selector, old, new):
        """Change what is written in an editor, as by typing."""
        self.run(
            "const [selector, old, text] = arguments; const area = document.querySelector(selector);"
            "area.value = area.value.replace(old, () => text); area.dispatchEvent(new Event('input'));",
            selector,
            old,
            new,
        )

    def ask(self, *words):
        """What the Python of the page answers."""
        return self.browser.execute_async_script(
            "const [words, done] = arguments; import('./assets/python.js').then(({ ask }) => ask(...words)).then(done)",
            words,
        )

    def look(self, name):
        """Note the links of the page that is open, and what makes it hard to use: wide, narrow, light and dark."""
        self.ids[name] = {*self.value("[...document.querySelectorAll('[id]')].map(({ id }) => id)")}
        self.links[name] = self.value(
            "[...document.querySelectorAll('[href], [src]')].map((one) => one.href || one.src)"
            ".filter((url) => !url.startsWith('data:'))"
        )
        for width in (390, 1280):
            self.resize(width)
            self.until(f"document.documentElement.scrollWidth <= {width}", 5, f"{name} on a screen {width} wide")
        # A formula is one text to axe, which has no rules for its thousands of parts
        self.run("document.querySelectorAll('math').forEach((math) => math.replaceChildren(math.textContent))")
        self.run(self.axe)
        for theme, rules in (("light", "undefined"), ("dark", "['color-contrast']")):
            media(self.browser, prefers_color_scheme=theme, prefers_reduced_motion="reduce")
            found = self.browser.execute_async_script(
                f"axe.run(document, {{ iframes: false, resultTypes: ['violations'], runOnly: {rules} }})"
                ".then(({ violations }) => arguments[0](violations.map(({ id, nodes }) =>"
                "[id, ...nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))])))"
            )
            self.wrong += [(name, theme, *each) for each in found]
        media(self.browser, prefers_color_scheme="light")

    def leave(self, name):
        """Note what the console says, and what was asked for from elsewhere."""
        self.wrong += [(name, entry["message"]) for entry in self.browser.get_log("browser")]
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith((self.address, "data:", "blob:", "about:", "chrome:")):
                    self.wrong.append((name, f"asks for {url}"))

    def dead_links(self):
        """The links to pages or places that are not there, once all pages have been opened."""
        dead = []
        for name, urls in self.links.items():
            for url in {*urls}:
                page, part = urldefrag(url.removeprefix(self.address))
                if page not in self.ids or (part and part not in self.ids[page]):
                    dead.append((name, url))
        return dead
