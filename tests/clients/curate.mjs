// Curates ten records of a text from nothing to published, with mistakes, and a program that is killed.
// node curate.mjs http://127.0.0.1:8001/token/ /usr/bin/chromium folder-for-pictures
// Asks for a kill by a line on its standard error, and goes on when a line comes on its standard input.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { withBrowser } from "./browser.mjs";

const [url, executablePath, pictures] = process.argv.slice(2);
const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

await withBrowser(executablePath, async (browser) => {
  const seen = { offenders: [], requests: [], typed: 0, forms: [] };
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true, colorScheme: "light" });
  const page = await context.newPage();
  page.on("request", (request) => seen.requests.push(new URL(request.url()).host));
  page.on("pageerror", (error) => seen.offenders.push(String(error)));
  const type = async (words) => { seen.typed += words.length; await page.keyboard.type(words); };
  const press = async (key) => { seen.typed += 1; await page.keyboard.press(key); };
  const said = async (words) => page.getByRole("status").filter({ hasText: words }).first().waitFor();
  const field = (name) => page.locator(`#field-${name}`);
  const look = async (name) => {
    await page.addScriptTag({ content: axe });
    const result = await page.evaluate(() => axe.run());
    seen.offenders.push(...result.violations.map((one) => `${name}: ${one.id}: ${one.nodes[0].html}`));
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${colorScheme}.png` });
      const contrast = await page.evaluate(() => axe.run({ runOnly: ["color-contrast"] }));
      seen.offenders.push(...contrast.violations.map((one) => `${name} ${colorScheme}: ${one.nodes[0].html}`));
    }
    await page.emulateMedia({ colorScheme: "light" });
  };
  const choose = (words) => page.evaluate((wanted) => {
    for (const element of document.querySelectorAll(".words")) {
      const at = element.textContent.indexOf(wanted);
      if (at < 0) continue;
      const range = document.createRange();
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      let before = 0;
      while (walker.nextNode()) {
        const end = before + walker.currentNode.length;
        if (at >= before && at < end) range.setStart(walker.currentNode, at - before);
        if (at + wanted.length <= end) { range.setEnd(walker.currentNode, at + wanted.length - before); break; }
        before = end;
      }
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return;
    }
    throw new Error(`not in the text: ${wanted}`);
  }, words);
  const opened = async (key) => {
    const before = Date.now();
    await page.keyboard.press(key);
    await page.locator("#form form").waitFor();
    seen.forms.push(Date.now() - before);
  };

  const began = Date.now();
  await page.goto(url);
  await page.locator(".row").first().waitFor();
  seen.opened = Date.now() - began;
  await look("text");

  // The first: a pledge with a sum, a date, two actors, and a passage.
  await choose("Japan and Estonia will give up to $5 million to Ukraine by 2030");
  seen.typed = 0;
  await press("c");
  await page.locator("#form form").waitFor();
  await press("Enter");
  await said("The commitment is written");
  seen.first = seen.typed;

  // The second, with a mistake in it: nobody of this name, which is found while it is typed.
  await choose("The leaders will meet again next year");
  await opened("c");
  await field("by").fill("japn");
  await page.locator("#problems li:not(.warning)").first().waitFor();
  seen.problem = await page.locator("#problems li:not(.warning)").first().innerText();
  await page.keyboard.press("Enter");
  await said("mend this first");
  await look("form");
  const offered = async (letters) => {
    await field("by").fill("");
    await field("by").focus();
    await page.keyboard.type(letters);
    await page.locator(".options:not([hidden])").waitFor();
    return page.locator(".options:not([hidden]) li").evaluateAll((all) => all.map((one) => one.dataset.id));
  };
  seen.offered = { uni: await offered("uni"), pan: await offered("pan") };
  await field("by").fill("");
  await page.locator("#problems .warning", { hasText: "nobody is named" }).waitFor();
  await page.keyboard.press("Alt+p");
  await said("Select the words that prove it");
  await field("by").focus();
  await page.keyboard.type("est");
  await page.locator(".options:not([hidden])").waitFor();
  await page.keyboard.press("Enter");
  seen.reference = await field("by").inputValue();
  await page.locator(".field", { has: field("by") }).getByText("the passage above does not say it").waitFor();
  await page.waitForFunction(() => !document.querySelector("#problems li:not(.warning)"));
  await page.keyboard.press("Enter");
  await said("The commitment is written");

  // By keyboard alone: the next sentence, the next proposal; taken back, and made again.
  await page.locator(".row").nth(3).focus();
  await page.keyboard.press("s");
  await opened("q");
  await field("speaker").fill("japan");
  await page.keyboard.press("Enter");
  await said("The quote is written");
  await page.keyboard.press("z");
  await said("Taken back");
  seen.afterUndo = await page.locator("#records li").count();
  await page.locator(".row").nth(3).focus();
  await page.keyboard.press("s");
  await opened("q");
  await field("speaker").fill("japan");
  await page.keyboard.press("Enter");
  await said("The quote is written");
  await page.keyboard.press("n");
  await opened("Enter");
  await field("summary").fill("Typed");
  await page.keyboard.press("Escape");
  await said("Esc again discards it");
  seen.held = await page.locator("#form form").count();
  await page.keyboard.press("Escape");
  seen.left = await page.locator("#form form").count();

  // Half of a form is typed when the program is killed.
  await choose("We support the new port");
  await opened("a");
  await field("parties").fill("japan");
  await field("title").fill("The new port, half typed");
  console.error("kill");
  await lines.next();
  await field("title").press("Enter");
  await said("does not answer");
  console.error("start");
  const { value: again } = await lines.next();
  await field("title").press("Enter");
  await said("open the address that it printed then");
  await page.goto(again);
  await page.locator("#form form").waitFor();
  seen.kept = await field("title").inputValue();
  await Promise.all([page.keyboard.press("Enter"), page.keyboard.press("Enter")]);
  await said("The agreement is written");

  // Six more, and news of one.
  for (const words of ["We commit to open ten schools", "We will plant 😀 one million trees", "We reaffirm our commitment to peace", "Estonia pledges €3 million", "We task ministers to report by June 2026"]) {
    await choose(words);
    await opened("c");
    await page.keyboard.press("Enter");
    await said("The commitment is written");
    await page.evaluate(() => (document.getElementById("said").textContent = ""));
  }
  await choose("The first school was opened in 2026");
  await opened("e");
  await field("commitment").fill("");
  await field("commitment").focus();
  await page.keyboard.type("ten sch");
  await page.locator(".options:not([hidden])").waitFor();
  await page.keyboard.press("Tab");
  await field("status").selectOption("under_way");
  await field("date").press("Enter");
  await said("The event is written");
  seen.records = await page.locator("#records li").count();

  // A meeting, of words over two paragraphs, and who is new there: by keyboard alone.
  await page.locator(".row").nth(1).focus();
  for (const key of ["s", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowUp"]) await page.keyboard.press(key);
  seen.selection = await page.evaluate(() => getSelection().toString());
  await opened("m");
  await field("title").fill("The meeting in Tallinn");
  await field("participants").fill("japan:country");
  await field("participants").press("Enter");
  await said("The summit is written");
  await choose("Tallinn");
  await opened("w");
  await field("title").fill("City of Tallinn");
  seen.unsorted = await field("kind").inputValue();
  await field("kind").selectOption("place");
  await field("title").press("Enter");
  await said("The actor is written");
  await page.getByRole("button", { name: "Delete actor: City of Tallinn" }).click();
  await said("is deleted");
  seen.afterDelete = await page.locator("#records li").count();
  await page.keyboard.press("z");
  await said("Taken back: the deletion of");
  seen.givenBack = await page.locator("#records li").count();

  await page.keyboard.press("v");
  await page.locator("#publishing[open]").waitFor();
  seen.changes = await page.locator("#changes").innerText();
  await look("publishing");
  const [shown] = await Promise.all([context.waitForEvent("page"), page.locator("#open").click()]);
  await shown.waitForLoadState();
  seen.shown = await shown.locator("h1").innerText();
  await shown.goto(new URL("/check", url).href);
  await shown.locator("textarea").fill("They will give up to $5 million.");
  await shown.locator("form.draft button[type=submit], form.draft button").first().click();
  await shown.waitForLoadState();
  seen.checked = await shown.locator("main").innerText();
  await shown.close();
  const refused = async (words) => page.locator("#refusal", { hasText: words }).waitFor();
  await page.getByLabel("Why").focus();
  await page.keyboard.press("Enter");
  await refused("say why");
  seen.warnings = await page.locator("#counts, #warnings").allInnerTexts();
  await page.getByLabel("Why").fill("Ten records");
  console.error("edit");
  await lines.next();
  await page.keyboard.press("Enter");
  await refused("changed since");
  await page.keyboard.press("Enter");
  await said("is published");
  await context.close();
  return seen;
});
process.exit(0);
