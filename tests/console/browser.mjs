// A browser for the console's tests: Chromium or Chrome by playwright-core (`CHROMIUM=PATH` names another), and what every check asks of every page.
import { createRequire } from 'node:module';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import assert from 'node:assert/strict';

const web = new URL('../../crates/console/web/package.json', import.meta.url);
const require = createRequire(web);
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

// As scripts/setup.sh looks for it; Ubuntu's stub of a snap has the last of the names.
const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

/** The browser's program: `CHROMIUM`, or the first one of the names in PATH. */
function program() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const places = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  const found = NAMES.flatMap((name) => places.map((place) => join(place, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(found, `none of ${NAMES.join(', ')} is installed: scripts/setup.sh test, or CHROMIUM=PATH`);
  return found;
}

/** What the test tells: the lab's address, and what is in it. */
export async function input() {
  let text = '';
  for await (const part of process.stdin) text += part;
  return { url: process.argv[2], ...JSON.parse(text || '{}') };
}

/** Opens a browser, gives `work` a way to open pages, and closes it. What a page logs as an error fails the check. */
export async function withBrowser(work) {
  const browser = await chromium.launch({ executablePath: program(), headless: true, args: FLAGS });
  const complaints = [];
  try {
    const open = async ({ viewport = WIDE, colorScheme = 'light' } = {}) => {
      // axe is put into the page by the debugger, which the page's policy does not bind; nothing else is let through.
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.on('console', (message) => { if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`); });
      page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
      page.on('request', (request) => {
        if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) complaints.push(`the page asked for ${request.url()}`);
      });
      return page;
    };
    await work({ browser, open, complaints });
    assert.deepEqual(complaints, [], 'the pages complained');
  } finally {
    await browser.close();
  }
}

/** What axe finds that is serious or critical. */
export async function accessible(page, what) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await window.axe.run(document)).violations);
  // Cloudscape's own bar of narrow windows is a `nav` with an orientation; it changes nothing for anyone.
  const ours = ({ id, nodes }) => !(id === 'aria-allowed-attr' && nodes.every(({ html }) => html.includes('mobile-toolbar-nav')));
  const grave = found.filter(({ impact }) => impact === 'serious' || impact === 'critical').filter(ours);
  const words = grave.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  assert.deepEqual(words, [], `axe on ${what}`);
}

/** That nothing is wider than the window. */
export async function fits(page, what) {
  const [scroll, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(scroll <= window + 1, `${what} is ${scroll} wide in a window of ${window}`);
}
