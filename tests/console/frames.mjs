// How long the page is busy while the picture is dragged and zoomed, a box is chosen, and the lab changes; and how soon it shows something.
// For bench/topology_page.py and tests/test_console.py.
import assert from 'node:assert/strict';
import { input, withBrowser } from './browser.mjs';

const { url, account, region } = await input();
const ask = async (Action, more) => {
  const authorization = `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/ec2/aws4_request, SignedHeaders=host, Signature=00`;
  return (await fetch(`${url}/`, { method: 'POST', headers: { authorization }, body: new URLSearchParams({ Action, Version: '2016-11-15', ...more }) })).text();
};

await withBrowser(async ({ browser, open }) => {
  const page = await open();
  await page.goto(`${url}/console/#/topology`);
  await page.locator('.node.interface').first().waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
  const drawn = (await (await fetch(`${url}/_vpclab/console/topology.svg`)).text()).match(/<g class="node /g).length;
  await page.waitForFunction((count) => document.querySelectorAll('.vpclab-topology .node').length === count, drawn);
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing'] });
  await page.evaluate(() => {
    window.spans = {};
    let last = performance.now();
    const next = (now) => { if (window.span) window.spans[window.span].push(now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
    // An element that stays: whatever is drawn anew loses it.
    document.querySelectorAll('.vpclab-topology .node').forEach((node) => { node.kept = true; });
  });
  const span = (name) => page.evaluate((name) => { window.spans[name] = []; window.span = name; performance.mark(`span ${name}`); }, name);
  const settled = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const box = await page.getByTestId('topology').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];

  await span('moving');
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 0; step < 60; step++) await page.mouse.move(x + 3 * step, y + 2 * step);
  await page.mouse.up();
  for (let step = 0; step < 30; step++) await page.mouse.wheel(0, step < 15 ? -60 : 60);
  await settled();

  await span('choosing');
  for (const at of [3, 300]) {
    await page.locator('.node.interface').nth(at).focus();
    await page.keyboard.press('Enter');
    await page.locator('.node.interface.selected').waitFor({ state: 'attached' });
  }
  await settled();

  await span('updating');
  const [, made] = /<vpcId>(vpc-[0-9a-f]+)/.exec(await ask('CreateVpc', { CidrBlock: '10.99.0.0/16' }));
  await page.locator(`[data-id="${made}"]`).waitFor({ state: 'attached' });
  await settled();
  const kept = await page.evaluate(() => [...document.querySelectorAll('.vpclab-topology .node')].filter((node) => node.kept).length);
  await ask('DeleteVpc', { VpcId: made });
  await page.locator(`[data-id="${made}"]`).waitFor({ state: 'detached' });
  await settled();
  await page.evaluate(() => performance.mark('span end'));

  const spans = await page.evaluate(() => window.spans);
  const told = {};
  for (const [name, task] of busiest(JSON.parse((await browser.stopTracing()).toString()).traceEvents)) {
    const frames = spans[name].sort((a, b) => a - b);
    told[name] = { median: frames[frames.length >> 1], worst: frames.at(-1), task };
  }
  assert.deepEqual(Object.keys(told).sort(), Object.keys(spans).sort(), 'the trace has not all spans');
  console.log(JSON.stringify({ paint, drawn, kept, ...told }));
});

/** The longest task of the page's main thread in each span, by the processor's time, which other programs on the machine do not lengthen. */
function busiest(events) {
  const threads = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const marks = events.filter(({ name }) => name.startsWith('span ')).sort((a, b) => a.ts - b.ts);
  const tasks = events.filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid} ${tid}`));
  return marks.slice(0, -1).map(({ name, ts }, at) => {
    const inside = tasks.filter((task) => task.ts >= ts && task.ts < marks[at + 1].ts).map(({ tdur }) => tdur / 1000);
    assert.ok(inside.length > 0 && inside.every(Number.isFinite), `no times of ${name}`);
    return [name.slice('span '.length), Math.max(...inside)];
  });
}
