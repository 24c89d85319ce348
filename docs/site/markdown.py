"""Markdown as the project's pages use it, made into HTML: headings, paragraphs, lists, tables, code, mathematics.

A page of the course is run while it is read. Its blocks of ``python`` become snippets that can be edited, with what
they show below; a block of ``picture`` shows only that; a block of ``steps`` is an expression whose step-through page
is put in; one of ``numpy`` is run while the page is made, and cannot be in the browser, nor can one of ``setup``, which
is not shown. ``{{ expression }}`` in the
text is a number, computed with what the snippets before it have defined.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from docs.site import snippets

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMPUTED = re.compile(r"\{\{(.+?)\}\}")
INLINE = re.compile(r"(`[^`]+`)|(\$[^$]+\$)|\[([^\]]+)\]\(([^)]+)\)|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*")
TITLES = {"steps": "Both passes, step by step", "playground": "A network that learns"}

Mathematics = Callable[[str, bool], str]
Block = tuple[str, str]  # "prose", "html" (as it is), or the kind of a fence; and its text


class SnippetError(RuntimeError):
    """A snippet of a page raises."""


class Page:
    """A page in Markdown, as HTML.

    Attributes:
        title: its first heading.
        body: its HTML.
        headings: the headings of the second level, each with its id.
        embedded: the pages that are put into it, by the names of their files.
    """

    def __init__(
        self,
        text: str | Iterable[Block],
        name: str,
        mathematics: Mathematics,
        link: Callable[[str], str | None],
        run: bool,
    ) -> None:
        self._name, self._mathematics, self._link, self._run = name, mathematics, link, run
        self._namespace: dict[str, Any] = {"__name__": "__main__"}
        self.title, self.headings = "", []
        self.embedded: dict[str, str] = {}
        self.body = "\n".join(self._made(*block) for block in (_blocks(text) if isinstance(text, str) else text))

    def _made(self, kind: str, text: str) -> str:
        if kind == "html":
            return text
        return self._prose(text) if kind == "prose" else self._code(kind, text)

    def _code(self, kind: str, code: str) -> str:
        if not self._run or kind not in ("python", "picture", "steps", "playground", "numpy", "setup"):
            return f'<pre tabindex="0"><code>{html.escape(code)}</code></pre>'
        if kind == "steps":
            name = html.escape(code.strip())
            again = f'<button data-steps="{name}">Take what the snippets have now</button>'
            return self._put_in(kind, snippets.steps(eval(code, self._namespace), snippets.STEPS_UP_TO), again)  # noqa: S307
        if kind == "playground":
            return self._put_in(kind, snippets.playground_of(code, self._namespace), "")
        outputs = snippets.run(code, self._namespace)
        if failure := next((output["text"] for output in outputs if output["kind"] == "error"), None):
            raise SnippetError(f"{self._name}: {failure}\n{code}")
        if kind == "picture":
            return "".join(_output(output, "picture whole") for output in outputs if output["kind"] == "svg")
        below = "".join(_output(output, alt=f"What is drawn by {code.splitlines()[-1]}") for output in outputs)
        if kind == "setup":
            return ""
        if kind == "numpy":
            return f'<pre tabindex="0"><code>{html.escape(code)}</code></pre><div class="outputs">{below}</div>'
        rows = max(1, code.count("\n"))
        return (
            f'<div class="snippet"><textarea rows="{rows}" spellcheck="false" autocapitalize="off" autocomplete="off" '
            f'aria-label="Python, can be changed">{html.escape(code.rstrip())}</textarea>'
            f'<div class="tools"><button class="run">Run</button></div>'
            f'<div class="outputs" aria-live="polite">{below}</div></div>'
        )

    def _put_in(self, kind: str, page: str, more: str) -> str:
        """A page within this one, with a way to see it alone: on a phone it has the whole screen then."""
        name = f"{self._name}-{len(self.embedded) + 1}.html"
        self.embedded[name] = page
        return (
            f'<div class="put-in"><iframe class="{kind}" sandbox="allow-scripts allow-downloads" loading="lazy" '
            f'title="{TITLES[kind]}" src="embedded/{name}"></iframe>'
            f'<div class="tools">{more}<a href="embedded/{name}" target="_blank">On a page of its own</a></div></div>'
        )

    def _prose(self, text: str) -> str:
        if self._run:
            text = COMPUTED.sub(lambda found: str(eval(found[1].strip(), self._namespace)), text)  # noqa: S307
        parts = re.split(r"\$\$(.+?)\$\$", text, flags=re.DOTALL)
        made = []
        for number, part in enumerate(parts):
            if number % 2:
                made.append(f'<div class="formula" tabindex="0">{self._mathematics(part.strip(), True)}</div>')
            else:
                made += [
                    self._block(block) for block in re.split(r"\n\s*\n|\n(?=#)|(?<=\n)(?=# )", part) if block.strip()
                ]
        return "\n".join(made)

    def _block(self, block: str) -> str:
        block = re.sub(r"<!--.*?-->", "", block, flags=re.DOTALL).strip("\n")
        if not block.strip():
            return ""
        heading = re.match(r"(#+) (.+)\n?", block)
        if heading:
            level, words = len(heading[1]), self.inline(heading[2])
            name = re.sub(r"\W+", "-", heading[2].lower()).strip("-")
            if level == 1 and not self.title:
                self.title = html.unescape(re.sub("<.*?>", "", words))
            if level == 2:
                self.headings.append((name, words))
            rest = block[heading.end() :]
            return f'<h{level} id="{name}">{words}</h{level}>' + (self._block(rest) if rest.strip() else "")
        lines = block.split("\n")
        if lines[0].startswith("|"):
            return self._table(lines)
        if listed := re.match(r"(?:[-*]|(\d+)\.) ", lines[0]):
            items = re.split(r"^(?:[-*]|\d+\.) ", block, flags=re.MULTILINE)[1:]
            tag = "ol" if listed[1] else "ul"
            return f"<{tag}>" + "".join(f"<li>{self.inline(' '.join(i.split()))}</li>" for i in items) + f"</{tag}>"
        if lines[0].startswith("    "):
            return f'<pre tabindex="0"><code>{html.escape(block)}</code></pre>'
        return f"<p>{self.inline(' '.join(block.split()))}</p>"

    def _table(self, lines: list[str]) -> str:
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
        head, body = rows[0], rows[2:]
        first = "".join(f"<th>{self.inline(cell)}</th>" for cell in head)
        top = f"<thead><tr>{first}</tr></thead>" if any(head) else ""
        below = "".join("<tr>" + "".join(f"<td>{self.inline(cell)}</td>" for cell in row) + "</tr>" for row in body)
        return f'<div class="wide" tabindex="0"><table>{top}<tbody>{below}</tbody></table></div>'

    def inline(self, text: str) -> str:
        """A line's code, mathematics, links and stresses."""

        def made(found: re.Match[str]) -> str:
            code, formula, words, target, strong, stressed = found.groups()
            if code:
                return f"<code>{html.escape(code[1:-1])}</code>"
            if formula:
                return self._mathematics(formula[1:-1], False)
            if words:
                address = self._link(target)
                return f'<a href="{html.escape(address)}">{self.inline(words)}</a>' if address else self.inline(words)
            tag = "strong" if strong else "em"
            return f"<{tag}>{self.inline(strong or stressed)}</{tag}>"

        parts, end = [], 0
        for found in INLINE.finditer(text):
            parts += [html.escape(text[end : found.start()], quote=False), made(found)]
            end = found.end()
        return "".join([*parts, html.escape(text[end:], quote=False)])


def _blocks(text: str) -> Iterator[Block]:
    """Markdown as what stands between fences and within them."""
    end = 0
    for fence in FENCE.finditer(text):
        yield "prose", text[end : fence.start()]
        yield fence[1], fence[2]
        end = fence.end()
    yield "prose", text[end:]


def _output(output: snippets.Output, picture: str = "picture", alt: str = "") -> str:
    if output["kind"] == "png":
        image = f'<img alt="{html.escape(alt)}" src="{output["text"]}">'
        return f'<div class="picture whole" tabindex="0">{image}</div>'
    if output["kind"] == "svg":
        return f'<div class="{picture}" tabindex="0">{output["text"][output["text"].index("<svg") :]}</div>'
    return f'<pre class="{output["kind"]}" tabindex="0">{html.escape(output["text"])}</pre>'
