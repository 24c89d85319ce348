"""Mathematics set as MathML by KaTeX, which browsers draw by themselves: no scripts for it go into the site."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

SIGN = re.compile(r"(<mo[^>]*>[(,=≈←⋅]</mo>)<mo>−</mo>")  # a minus that is a sign, and stands close to its number
PRIME = re.compile(r"<msup>(<mi>\w</mi>)((?:<mrow>)?(?:<mo[^>]*>′</mo>)+(?:</mrow>)?)</msup>")

SCRIPT = """
import { createInterface } from "node:readline";
const { default: katex } = await import(process.argv[1]);
for await (const line of createInterface({ input: process.stdin })) {
  const [formula, displayMode] = JSON.parse(line);
  let made = { math: "", error: "" };
  try {
    made.math = katex.renderToString(formula, { output: "mathml", displayMode, throwOnError: true });
  } catch (error) {
    made.error = String(error);
  }
  console.log(JSON.stringify(made));
}
"""


class Typesetter:
    """Sets one formula after another; the process that does it ends with the `with` statement."""

    def __init__(self, katex: Path) -> None:
        program = ["node", "--input-type=module", "-e", SCRIPT, (katex / "dist/katex.mjs").resolve().as_uri()]
        self._node = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._known: dict[tuple[str, bool], str] = {}

    def __enter__(self) -> Typesetter:  # noqa: PYI034  Self is from Python 3.11 on
        return self

    def __exit__(self, *_: object) -> None:
        self._node.communicate()

    def __call__(self, formula: str, display: bool) -> str:
        """The MathML of a formula in LaTeX.

        Raises:
            ValueError: KaTeX cannot read it.
        """
        if (formula, display) not in self._known:
            print(json.dumps([formula, display]), file=self._node.stdin, flush=True)
            answer = json.loads(self._node.stdout.readline())
            if answer["error"]:
                raise ValueError(f"{formula}: {answer['error']}")
            self._known[formula, display] = adjusted(answer["math"])
        return self._known[formula, display]


def adjusted(math: str) -> str:
    """KaTeX's MathML as browsers draw it well: a sign close to its number, and primes, which stand high already."""

    def primes(found: re.Match[str]) -> str:
        return f'<mrow>{found[1]}<mo lspace="0em" rspace="0em">{"′" * found[2].count("′")}</mo></mrow>'

    return PRIME.sub(primes, SIGN.sub(r'\1<mo form="prefix">−</mo>', math))
