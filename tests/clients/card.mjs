// What a reader sees of a card in an article of another site, without JavaScript:
// node card.mjs http://localhost:8000/ /usr/bin/chromium
import { withBrowser } from "./browser.mjs";

const [address, executablePath] = process.argv.slice(2);

await withBrowser(executablePath, async (browser) => {
  const seen = {};
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(address);
    const card = page.frameLocator("iframe").locator("article");
    seen.text = await card.innerText();
    seen[colorScheme] = (await card.screenshot()).toString("base64");
    await context.close();
  }
  return seen;
});
