// Uses the documentation page as a person does, and tells what was seen, as JSON:
// node docs_page.mjs http://127.0.0.1:8000/docs /usr/bin/chromium screenshot.png
import { withBrowser } from "./browser.mjs";

const [address, executablePath, screenshot] = process.argv.slice(2);

await withBrowser(executablePath, async (browser) => {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1400 } });
  const requests = [];
  const failures = [];
  const messages = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("requestfailed", (request) => failures.push(request.url()));
  page.on("response", (answer) => answer.ok() || failures.push(`${answer.status()} ${answer.url()}`));
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.setDefaultTimeout(60_000);

  await page.goto(address);
  const operations = await page.locator(".opblock").first().waitFor()
    .then(() => page.locator(".opblock .opblock-summary-path").allInnerTexts());
  await page.screenshot({ path: screenshot });

  const executed = async (id, typed = {}) => {
    const operation = page.locator(`[id$="-${id}"]`);
    const execute = operation.locator(".execute");
    if (!(await execute.isVisible())) await operation.locator(".opblock-summary-control").click();
    for (const [name, value] of Object.entries(typed)) {
      await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
    }
    const answered = page.waitForResponse((answer) => answer.request().resourceType() === "fetch");
    await execute.click();
    const answer = await answered;
    const cell = operation.locator(".live-responses-table tbody .response-col_status").first();
    return {
      url: answer.url(),
      status: answer.status(),
      cell: await cell.innerText(),
      body: await answer.json(),
    };
  };
  const answers = {
    as_it_stands: await executed("list_agreements"),
    in_japanese: await executed("list_agreements", { q: "日本" }),
    required: await executed("search"),
    by_id: await executed("read_agreement"),
  };
  return { title: await page.title(), operations, requests, failures, messages, answers };
});
