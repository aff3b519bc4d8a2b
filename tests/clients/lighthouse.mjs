// What Lighthouse says of pages: each page's scores on standard error, and as JSON what is too low and why.
// node lighthouse.mjs http://127.0.0.1:8000 /usr/bin/chromium /path /path …
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import { ARGUMENTS } from "./browser.mjs";

const [server, chromePath, ...paths] = process.argv.slice(2);
const LEAST = { accessibility: 100, "best-practices": 100, seo: 100, performance: 98 };
const low = [];

const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", ...ARGUMENTS] });
try {
  for (const path of paths) {
    for (const [device, config] of [["phone", undefined], ["desktop", desktopConfig]]) {
      const options = { port: chrome.port, logLevel: "error", output: "json" };
      const { lhr } = await lighthouse(server + path, options, config);
      const scores = Object.entries(lhr.categories).map(([id, { score }]) => [id, Math.round(score * 100)]);
      console.error(`${path} ${device}: ${scores.map(([id, score]) => `${id} ${score}`).join(", ")}`);
      for (const [id, score] of scores) {
        if (score >= LEAST[id]) continue;
        const why = [];
        for (const { id: audit } of lhr.categories[id].auditRefs) {
          const { score: part, title, displayValue } = lhr.audits[audit];
          if (part !== null && part < 1) why.push(`${title} ${displayValue ?? ""} [${audit}]`);
        }
        low.push({ path, device, category: id, score, why });
      }
    }
  }
  console.log(JSON.stringify(low));
} finally {
  await chrome.kill();
}
