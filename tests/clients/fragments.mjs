// What a browser scrolls to: for each page, whether its target is in view, and the top is not.
// node fragments.mjs pages.json /usr/bin/chromium: [{"html": "…", "fragment": "#:~:text=…"}, …]
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { withBrowser } from "./browser.mjs";

const [file, executablePath] = process.argv.slice(2);
const pages = JSON.parse(readFileSync(file, "utf8"));
const site = createServer((request, answer) => {
  answer.setHeader("content-type", "text/html; charset=utf-8");
  answer.end(pages[Number(request.url.slice(1))]?.html ?? "");
});
await new Promise((listening) => site.listen(0, "127.0.0.1", listening));

try {
  await withBrowser(executablePath, async (browser) => {
    const seen = [];
    for (const [at, { fragment }] of pages.entries()) {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${site.address().port}/${at}${fragment}`);
      const isThere = () => {
        const { top, bottom } = document.getElementById("target").getBoundingClientRect();
        return scrollY > 500 && top < innerHeight && bottom > 0;
      };
      seen.push(await page.waitForFunction(isThere, undefined, { timeout: 2000 }).then(() => true, () => false));
      await page.close();
    }
    return seen;
  });
} finally {
  site.close();
}
