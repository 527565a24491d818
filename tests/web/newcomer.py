"""Somebody slow who has never been here: what he reads, types, chooses and clicks, with a clock that runs at his pace.

The clock counts what a person does, not what the machine takes: a machine under load would say nothing about a page.
He reads every line that he has not read before, down to what he uses next; 200 words a minute (a Chinese character is
two thirds of a word). He types three signs a second after three seconds of thought, finds an entry of a list in six
seconds and a button in two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page

WORDS_A_SECOND = 200 / 60
SIGNS_A_SECOND = 3
THOUGHT, LOOK_UP, CLICK = 3, 6, 2

_LINES = """(target) => {
  const lines = [], walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = node.parentElement;
    if (target.contains(node)) { lines.push(node.data); continue; }
    if (target.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING) break;
    if (at.closest("select, option, script, style, svg, .unseen") || !at.checkVisibility()) continue;
    lines.push(node.data);
  }
  return lines;
}"""


@dataclass
class Newcomer:
    """One person at one browser tab, and what it took him so far (seconds of his, not of the machine)."""

    tab: Page
    seconds: float = 0.0
    pages: int = 0
    clicks: int = 0
    fields: int = 0
    signs: int = 0
    words: float = 0.0
    read: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    def reads_to(self, last: Locator) -> None:
        """Reads what is new to him, from the top of the page to `last`."""
        new = [line for line in map(str.strip, last.evaluate(_LINES)) if line and line not in self.read]
        self.read.update(new)
        said = " ".join(new)
        signs = len(re.findall(r"[\u4e00-\u9fff]", said))
        words = len(re.sub(r"[\u4e00-\u9fff]", " ", said).split()) + signs / 1.5
        self.words += words
        self.seconds += words / WORDS_A_SECOND
        self.log.append(
            f"{self.tab.url[:60]} {words:.0f} words, at {self.seconds:.0f} s: {' / '.join(new)[:3000]}"
        )

    def types(self, name: str, value: str) -> None:
        """Fills in a field."""
        self.tab.locator(f"#{name}").fill(value)
        self.fields += 1
        self.signs += len(value)
        self.seconds += THOUGHT + len(value) / SIGNS_A_SECOND

    def chooses(self, name: str, value: Any) -> None:
        """Finds an entry of a list."""
        self.tab.locator(f"#{name}").select_option(value)
        self.fields += 1
        self.seconds += LOOK_UP

    def clicks_on(self, button: Locator) -> None:
        """Reads down to a button and presses it; a page follows."""
        self.reads_to(button)
        button.click()
        self.tab.wait_for_load_state("load")
        self.clicks += 1
        self.pages += 1
        self.seconds += CLICK
