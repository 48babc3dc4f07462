"""Somebody at a keyboard, without a pointer: where the focus is must show, and it is never caught."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

MOST_STOPS = 300
"""No page has more of them; a search that takes longer goes round in a circle."""
CAUGHT = 8
"""Stops within one element: a date has a part for the day, the month, the year and its calendar."""
FOCUS = """() => {
  const one = document.activeElement;
  // Where a page is swapped under the focus, it is put to the page's main part, which shows no ring.
  if (!one || one === document.body || one.id === "main") return null;
  const ring = (other) => {
    const style = other && getComputedStyle(other);
    return style && ((style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== "none");
  };
  const box = one.getBoundingClientRect();
  const hit = document.elementFromPoint(
    Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1),
    Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1));
  const label = one.closest("label");
  window.stops = window.stops || new Map();
  if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
  return {
    number: window.stops.get(one),
    what: one.outerHTML.slice(0, 120),
    ring: ring(one) || ring(label),
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: !hit || one.contains(hit) || hit.contains(one) || (label && label.contains(hit))
      ? "" : hit.outerHTML.slice(0, 120),
  };
}"""


@dataclass
class Keyboard:
    """The keys of a browser window."""

    page: Page

    def press(self, *keys: str) -> None:
        """One key after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        """Instead of what stands where the focus is."""
        self.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def to(self, role: Any, name: str, *, exact: bool = True) -> Locator:
        """Tab to what has this role and is called so."""
        return self.reach(self.page.get_by_role(role, name=name, exact=exact))

    def reach(self, wanted: Locator) -> Locator:
        """Tab to one of these; every stop on the way shows the focus, and none keeps it."""
        focused = wanted.and_(self.page.locator(":focus"))
        last, times = -1, 0
        for _stop in range(MOST_STOPS):
            self.press("Tab")
            stop = self._stop()
            times = times + 1 if stop == last else 0
            last = stop
            assert times < CAUGHT, f"on the way to {wanted} the focus is caught"
            if focused.count():
                return focused
        raise AssertionError(f"no tab leads to {wanted} on {self.page.url}")

    def goes(self, role: Any, name: str, *, exact: bool = True) -> None:
        """Tab to a link or a button that leads to another page, and follow it."""
        self.to(role, name, exact=exact)
        with self.page.expect_navigation():
            self.press("Enter")

    def _stop(self) -> int:
        """Which stop has the focus, of those of this page; -1 for the page itself."""
        found = self.page.evaluate(FOCUS)
        if found is None:
            return -1
        assert found["ring"], f"nothing shows that this has the focus: {found['what']}"
        assert found["seen"], f"this has the focus and is out of sight: {found['what']}"
        assert not found["covered"], f"{found['covered']} covers what has the focus: {found['what']}"
        return found["number"]
