// A frontend on another origin: what its fetch gets to see, as JSON.
// node frontend.mjs http://127.0.0.1:8000 /usr/bin/chromium
import { createServer } from "node:http";
import { withBrowser } from "./browser.mjs";

const [api, executablePath] = process.argv.slice(2);
const frontend = createServer((_, answer) => answer.end("<!doctype html><title>A frontend</title>"));
await new Promise((listening) => frontend.listen(0, "127.0.0.1", listening));

try {
  await withBrowser(executablePath, async (browser) => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${frontend.address().port}/`);
    return await page.evaluate(async (server) => {
      const seen = async (path, options) => {
        const answer = await fetch(server + path, options);
        const text = await answer.text();
        const names = ["content-type", "dataset-release", "dataset-total", "etag", "link", "retry-after"];
        const headers = Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]));
        return { status: answer.status, headers, text };
      };
      const ids = [];
      const links = [];
      let url = "/commitments?limit=3";
      while (url) {
        const answer = await fetch(url.startsWith("/") ? server + url : url);
        const body = await answer.json();
        ids.push(...body.items.map((item) => item.id));
        links.push(/<([^>]*)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1] ?? null);
        if (links.at(-1) !== body.next) throw new Error(`${links.at(-1)} is not ${body.next}`);
        url = body.next;
      }
      const list = await seen("/commitments?by=japan");
      const again = { headers: { "if-none-match": list.headers.etag } };
      return {
        ids,
        list,
        again: await seen("/commitments?by=japan", again),
        another: await seen("/commitments?by=united-states", again),
        record: await seen("/commitments/japan-us-investment"),
        wrong: await seen("/commitments?by=japn"),
        absent: await seen("/commitments/nothing"),
        posted: await seen("/commitments", { method: "POST", body: "{}" }),
      };
    }, api);
  });
} finally {
  frontend.close();
}
