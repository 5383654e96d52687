// A browser for the console's tests: Debian's Chromium by playwright-core, and what every check asks of every page.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
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

/** What the test tells: the lab's address, and what is in it. */
export async function input() {
  let text = '';
  for await (const part of process.stdin) text += part;
  return { url: process.argv[2], ...JSON.parse(text || '{}') };
}

/** Opens a browser, gives `work` a way to open pages, and closes it. What a page logs as an error fails the check. */
export async function withBrowser(work) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS });
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
