// A browser for tests: reads a command as a line of JSON from stdin, and answers with a line of JSON.
//   node tests/browser/driver.mjs FOLDER_OF_SCRIPT_BROWSER CHROMIUM_FOLDER
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, chromium] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const puppeteer = (await import(pathToFileURL(require.resolve("puppeteer-core")))).default;
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await puppeteer.launch({
  executablePath: join(chromium, "chromium"),
  headless: "shell",
  protocolTimeout: 60_000,
  args: ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--font-render-hinting=none"],
  env: {
    ...process.env,
    FONTCONFIG_FILE: join(chromium, "fonts.conf"),
    LD_LIBRARY_PATH: join(chromium, "al2023", "lib"),
  },
});
let page;
let seen;

const commands = {
  version: async () => browser.version(),
  // Open a page in a new tab. `without_policy` ignores its Content-Security-Policy.
  open: async ({ url, width, height, scheme, scripts, without_policy }) => {
    await page?.close();
    page = await browser.newPage();
    seen = { requests: [], messages: [], dialogs: 0 };
    page.on("request", (request) => seen.requests.push(request.url()));
    page.on("console", (message) => seen.messages.push(message.text()));
    page.on("pageerror", (error) => seen.messages.push(String(error)));
    page.on("dialog", async (dialog) => {
      seen.dialogs += 1;
      await dialog.dismiss();
    });
    await page.setJavaScriptEnabled(scripts);
    await page.setBypassCSP(without_policy);
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    const start = performance.now();
    await page.goto(url, { waitUntil: "load", timeout: 60_000 });
    if (scripts) await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    return { seconds: (performance.now() - start) / 1000, ...seen };
  },
  seen: async () => seen,
  evaluate: async ({ code }) => page.evaluate(code),
  press: async ({ key }) => page.keyboard.press(key),
  type: async ({ text }) => page.keyboard.type(text),
  axe: async () => {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const { violations, passes } = await globalThis.axe.run(document, { resultTypes: ["violations", "passes"] });
      const describe = ({ id, nodes }) => `${id}: ${nodes[0].html} (${nodes.length}): ${nodes[0].failureSummary}`;
      return { violations: violations.map(describe), passed: passes.map(({ id }) => id) };
    });
  },
  screenshot: async ({ path }) => {
    await page.screenshot({ path, fullPage: true });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line);
  let answer;
  try {
    answer = { result: (await commands[command](options)) ?? null };
  } catch (error) {
    answer = { error: String(error.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
