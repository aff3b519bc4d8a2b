// Debian's Chromium, alone with this machine.
import { chromium } from "playwright-core";

export const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

// Runs what is given with a browser, prints what it returns as JSON, and closes the browser.
export const withBrowser = async (executablePath, run) => {
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    console.log(JSON.stringify(await run(browser)));
  } finally {
    await browser.close();
  }
};
