"""Pictures of pages: python -m tests.web.screenshots http://127.0.0.1:8400 OUT /network /ship …

Every page at every width, language and theme is 24 pictures; narrow it down by --widths, --languages, --themes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.web.browser import browser


def main() -> None:
    """Takes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("out", type=Path)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--widths", default="360,768,1440")
    parser.add_argument("--languages", default="en,fr,ar,zh")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument(
        "--enter", default="", help="a link that signs in (qafila account link); it is used up"
    )
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--visible", action="store_true", help="only what is seen before scrolling")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        cookies = []
        if asked.enter:
            first = chromium.new_context()
            first.new_page().goto(asked.enter)
            cookies = first.cookies()
        for theme in asked.themes.split(","):
            for width in map(int, asked.widths.split(",")):
                context = chromium.new_context(
                    viewport={"width": width, "height": asked.height}, color_scheme=theme
                )
                context.add_cookies(cookies)
                tab = context.new_page()
                tab.on("console", lambda m: m.type in ("error", "warning") and print("console:", m.text))
                for language in asked.languages.split(","):
                    for path in asked.paths:
                        tab.goto(f"{asked.address}/{language}{path}", wait_until="load")
                        if tab.locator("[data-map]").count():
                            tab.wait_for_selector("[data-map][data-ready]", timeout=30_000)
                        over = tab.evaluate(
                            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                        )
                        if over > 0:
                            print(f"{language}{path} at {width}: {over} px too wide")
                        name = f"{path.strip('/').replace('/', '-').split('?')[0] or 'home'}-{language}-{width}-{theme}.png"
                        tab.screenshot(path=asked.out / name, full_page=not asked.visible)
                context.close()


if __name__ == "__main__":
    main()
