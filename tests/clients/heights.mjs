// How tall the cards at these addresses are in a frame of a width:
// node heights.mjs '["http://…"]' /usr/bin/chromium 400
import { withBrowser } from "./browser.mjs";

const [addresses, executablePath, width] = process.argv.slice(2);

await withBrowser(executablePath, async (browser) => {
  const page = await browser.newPage({ viewport: { width: Number(width), height: 100 } });
  const heights = [];
  for (const address of JSON.parse(addresses)) {
    await page.goto(address);
    heights.push(await page.evaluate(() => document.fonts.ready.then(
      () => Math.ceil(document.querySelector("article").getBoundingClientRect().bottom) + 1,
    )));
  }
  return heights;
});
