"""Why dy/dx is what it is: `explain` writes the chain rule out, path by path.

chain_rule.py is what users call, paths.py finds and counts the paths, chain_rule_text.py writes them as text. The
folder is not called ``explain``, since ``engine.explain`` is the function.
"""

from engine.explanation.chain_rule import Explanation, explain
from engine.explanation.paths import Path

__all__ = ["Explanation", "Path", "explain"]
