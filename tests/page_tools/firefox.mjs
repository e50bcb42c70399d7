// Drives Firefox over WebDriver BiDi: each line of the input is a command, each line of the output its result, in JSON.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: process.argv[2],
  headless: true,
  extraPrefsFirefox: { "ui.useOverlayScrollbars": 1 }, // as the other engines have them: pages are as wide
});
const page = await browser.newPage();
const commands = {
  open: (address) => page.goto(address),
  back: () => page.goBack(),
  run: (script) => page.evaluate(script),
};
for await (const line of createInterface({ input: process.stdin })) {
  const [name, argument] = JSON.parse(line);
  const result = await commands[name](argument).catch(() => null); // the page changes
  console.log(JSON.stringify(name === "run" ? (result ?? null) : null));
}
await browser.close();
