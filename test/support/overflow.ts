import type { Page } from "playwright-core";

/**
 * What of a page lies beyond the sides of its window, also within shadow roots and in what is fixed, which makes no
 * window scroll. What a scroll area or a cut text holds back is not counted.
 */
export const beyondTheSides = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found: string[] = [];
    if (document.documentElement.scrollWidth > width) found.push("the window scrolls sideways");
    const look = (element: Element): void => {
      const { left, right, width: own } = element.getBoundingClientRect();
      if (own > 1 && (left < -1 || right > width + 1)) {
        found.push(
          `${element.localName}.${element.className} from ${Math.round(left)} to ${Math.round(right)}`,
        );
        return;
      }
      if (getComputedStyle(element).overflowX !== "visible" && element !== document.body) return;
      for (const child of [...(element.shadowRoot?.children ?? []), ...element.children]) look(child);
    };
    look(document.body);
    return found;
  });
