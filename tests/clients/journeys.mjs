// Does what a journalist does: finds, filters, reads the proof, cites, downloads, subscribes.
// node journeys.mjs http://127.0.0.1:8000 /usr/bin/chromium
// With a mouse, without JavaScript, and by keyboard alone on a phone's width; prints what was seen.
import { readFile } from "node:fs/promises";
import { withBrowser } from "./browser.mjs";

const [server, executablePath] = process.argv.slice(2);

const read = async (page, act) => {
  const [download] = await Promise.all([page.waitForEvent("download"), act()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
};

const withAMouse = async (page, plain) => {
  const seen = {};
  await page.goto(server);
  await page.getByRole("navigation").getByRole("link", { name: "Commitments" }).click();
  const japan = page.getByRole("group", { name: "By" }).getByRole("checkbox", { name: /Japan/ });
  if (!(await japan.isVisible())) await page.getByText("Filter", { exact: true }).click();
  // Where scripts run, a click is enough.
  const filtered = page.waitForURL(/by=japan/);
  await japan.click();
  if (plain) await page.getByRole("button", { name: "Show" }).click();
  await filtered;
  seen.filtered = new URL(page.url()).search;
  seen.heading = await page.getByRole("heading", { level: 1 }).innerText();
  seen.rows = await page.locator("ol.rows > li").count();
  seen.csv = await read(page, () => page.getByRole("link", { name: "CSV", exact: true }).click());
  const feed = page.getByRole("link", { name: "Atom feed" });
  const answer = await page.request.get(new URL(await feed.getAttribute("href"), page.url()).href);
  seen.feed = { type: answer.headers()["content-type"], text: await answer.text() };

  await page.getByRole("link", { name: "$1 trillion investment in the U.S. economy" }).click();
  seen.record = new URL(page.url()).pathname;
  await page.locator("dd").filter({ hasText: "1,000,000,000,000" }).getByRole("link", { name: "Passage 1" }).click();
  seen.proof = await page.locator(":target blockquote").innerText();
  seen.source = await page.locator(":target").getByRole("link", { name: "Read it in the source" }).getAttribute("href");
  seen.citation = await page.locator("#citation").innerText();
  seen.bibtex = await read(page, () => page.getByRole("link", { name: "BibTeX" }).first().click());
  return seen;
};

// Presses Tab until a link or field with this name has the focus, and sees that the focus shows.
const tabTo = async (page, name) => {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const focused = document.activeElement;
      const style = getComputedStyle(focused);
      const label = focused.getAttribute("aria-label") ?? focused.labels?.[0]?.innerText ?? focused.innerText;
      return { label: (label ?? "").trim(), outline: style.outlineStyle !== "none" || style.boxShadow !== "none" };
    });
    if (!at.outline) throw new Error(`the focus on ${at.label} does not show`);
    if (at.label.includes(name)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
};

const byKeyboard = async (page) => {
  const seen = {};
  await page.goto(server);
  await page.keyboard.press("Tab");
  seen.first = await page.evaluate(() => document.activeElement.innerText);
  await page.keyboard.press("Enter");
  await page.goto(`${server}/agreements`);
  await tabTo(page, "Search the record");
  await page.keyboard.type("senkaku");
  await Promise.all([page.waitForURL(/search\?q=senkaku/), page.keyboard.press("Enter")]);
  await tabTo(page, "Defense of Japan");
  await Promise.all([page.waitForURL(/us-defense-of-japan/), page.keyboard.press("Enter")]);
  await tabTo(page, "Passage 1");
  await page.keyboard.press("Enter");
  seen.proof = await page.locator(":target blockquote").innerText();
  seen.wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return seen;
};

await withBrowser(executablePath, async (browser) => {
  const seen = {};
  for (const [name, act, options] of [
    ["mouse", withAMouse, {}],
    ["plain", withAMouse, { javaScriptEnabled: false }],
    ["phone", withAMouse, { viewport: { width: 360, height: 740 } }],
    ["keyboard", byKeyboard, { viewport: { width: 360, height: 740 } }],
  ]) {
    const context = await browser.newContext({ acceptDownloads: true, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    seen[name] = await act(page, options.javaScriptEnabled === false);
    await context.close();
  }
  return seen;
});
