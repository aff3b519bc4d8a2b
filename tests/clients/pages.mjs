// Looks at pages as a browser, an accessibility checker and an HTML validator see them.
// node pages.mjs http://127.0.0.1:8000 /usr/bin/chromium FOLDER /path /path …
// Prints, as JSON, what each of them finds; screenshots go to FOLDER, unless it is "-".
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { HtmlValidate } from "html-validate";
import { withBrowser } from "./browser.mjs";

const [server, executablePath, folder, ...paths] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const validator = new HtmlValidate({
  extends: ["html-validate:standard", "html-validate:document"],
  // Names of records are as long as they are, and the templates have their own way of writing.
  rules: { "long-title": "off", "no-trailing-whitespace": "off", "attr-quotes": "off", "require-sri": "off" },
});
// How tall a page may be, in pixels: on a desk, and on a phone.
const TALLEST = { "/summits/us-japan-2025-02": { light: [1280, 2400], phone: [390, 4500] } };
const SIGHTS = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light", isMobile: true },
};

await withBrowser(executablePath, async (browser) => {
  const faults = [];
  const say = (path, sight, what) => faults.push(`${path} (${sight}): ${what}`);
  for (const [sight, options] of Object.entries(SIGHTS)) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    let path = "";
    page.on("console", (message) => {
      // A page that says what is wrong has the status of what is wrong.
      if (!/Failed to load resource/.test(message.text())) say(path, sight, message.text());
    });
    page.on("pageerror", (error) => say(path, sight, String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${server}/`)) say(path, sight, `asks for ${request.url()}`);
    });
    page.on("response", (answer) => {
      if (answer.url() !== server + path && !answer.ok()) say(path, sight, `${answer.status()} ${answer.url()}`);
    });
    for (path of paths) {
      const answer = await page.goto(server + path);
      if (sight === "light") {
        const report = await validator.validateString(await answer.text());
        for (const { messages } of report.results) {
          for (const { line, ruleId, message } of messages) say(path, "HTML", `${line}: ${message} [${ruleId}]`);
        }
      }
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      for (const { id, help, nodes } of violations) {
        say(path, sight, `${help} [${id}]: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" ")}`);
      }
      // A phone zooms out of what is too wide: its window is then wider than its screen.
      const wide = await page.evaluate((screen) => document.documentElement.scrollWidth - screen, options.viewport.width);
      if (wide > 0) say(path, sight, `is ${wide} pixels wider than the screen`);
      const [width, tallest] = TALLEST[path]?.[sight] ?? [];
      if (tallest) {
        await page.setViewportSize({ width, height: 800 });
        const tall = await page.evaluate(() => document.documentElement.scrollHeight);
        if (tall > tallest) say(path, sight, `is ${tall} pixels tall`);
        await page.setViewportSize(options.viewport);
      }
      if (sight === "light") {
        // Paper can't be pressed: no buttons, no ways elsewhere, no code to copy.
        await page.emulateMedia({ media: "print" });
        const printed = await page.evaluate(() => [...document.querySelectorAll(".take, .embed, nav, main button")]
          .filter((each) => each.checkVisibility()).map((each) => each.outerHTML.slice(0, 80)));
        // The documentation is a page of its library, whose headings are buttons.
        if (printed.length && path !== "/docs") say(path, "print", `has ${printed.join(" ")}`);
        await page.emulateMedia({ media: null });
      }
      if (folder !== "-") {
        const name = `${path.replaceAll(/[^a-z0-9]+/gi, "-")}-${sight}.png`;
        await page.screenshot({ path: `${folder}/${name}`, fullPage: true });
      }
    }
    await context.close();
  }
  return faults;
});
