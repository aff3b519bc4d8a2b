// What Lighthouse says of pages: the scores go to standard error, what is not perfect to standard output.
// Performance is a score to read, not a fault: it falls when the machine is busy.
// node lighthouse.mjs http://127.0.0.1:8000 /usr/bin/chromium /path /path …
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import { ARGUMENTS } from "./browser.mjs";

const [server, chromePath, ...paths] = process.argv.slice(2);
const faults = [];

const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", ...ARGUMENTS] });
try {
  for (const path of paths) {
    for (const [device, config] of [["phone", undefined], ["desktop", desktopConfig]]) {
      const options = { port: chrome.port, logLevel: "error", output: "json" };
      const { lhr } = await lighthouse(server + path, options, config);
      const scores = Object.entries(lhr.categories).map(([id, { score }]) => [id, Math.round(score * 100)]);
      console.error(`${path} ${device}: ${scores.map(([id, score]) => `${id} ${score}`).join(", ")}`);
      for (const [id, score] of scores) {
        if (id === "performance" || score === 100) continue;
        const parts = lhr.categories[id].auditRefs.map(({ id: audit }) => lhr.audits[audit]);
        const low = parts.filter(({ score: part }) => part !== null && part < 1).map(({ title }) => title);
        faults.push(`${path} ${device}: ${id} ${score}: ${low.join("; ")}`);
      }
    }
  }
  console.log(JSON.stringify(faults));
} finally {
  await chrome.kill();
}
