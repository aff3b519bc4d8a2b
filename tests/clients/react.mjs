// An app on another origin, in a browser, while a release is published: what it shows, as JSON.
// node react.mjs http://127.0.0.1:8000 /usr/bin/chromium app.js readout load more.json
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { withBrowser } from "./browser.mjs";

const [api, executablePath, bundle, ...publish] = process.argv.slice(2);
const frontend = createServer((request, answer) => {
  const isScript = request.url === "/app.js";
  answer.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  answer.end(isScript ? readFileSync(bundle) : "<!doctype html><div id=root></div><script src=app.js></script>");
});
await new Promise((listening) => frontend.listen(0, "127.0.0.1", listening));

try {
  await withBrowser(executablePath, async (browser) => {
    const page = await browser.newPage();
    const requests = [];
    page.on("request", (request) => request.url().startsWith(api) && requests.push(request.url()));
    await page.goto(`http://127.0.0.1:${frontend.address().port}/`);
    const more = page.getByRole("button", { name: "More" });
    await more.waitFor();
    await page.locator("section li").first().waitFor();
    const summit = await page.locator("section li").count();
    const actors = await page.locator(".actors li").allTextContents();
    const before = requests.length;
    const box = page.getByRole("searchbox");
    const typed = {};
    for (const text of ["senk", "ameri", "Japan OR", "Ishibba", "senkaku islands"]) {
      await box.fill(text);
      await page.waitForResponse((answer) => answer.url().includes("/search?q="));
      await page.waitForTimeout(100);
      typed[text] = (await page.locator("search :is(p, button)").allTextContents()).join(" ");
    }
    execFileSync(publish[0], publish.slice(1), { stdio: ["ignore", "ignore", "inherit"] });
    for (let tries = 0; (await (await fetch(`${api}/releases`)).json()).total !== 2; tries++) {
      if (tries > 100) throw new Error("the release is not served");
      await new Promise((waited) => setTimeout(waited, 100));
    }
    while (await more.count()) {
      const shown = await page.locator("ol li").count();
      await more.click();
      await page.waitForFunction((count) => document.querySelectorAll("ol li").length > count, shown);
    }
    return {
      ids: await page.locator("ol li").evaluateAll((items) => items.map((item) => item.id)),
      said: await page.locator("p").first().textContent(),
      summit, actors, before, typed,
    };
  });
} finally {
  frontend.close();
}
