// How long frames take while the picture is dragged and zoomed, and how soon the page shows something. For bench/topology_page.py.
import { input, withBrowser } from './browser.mjs';

const { url } = await input();
await withBrowser(async ({ open }) => {
  const page = await open();
  await page.goto(`${url}/console/#/topology`);
  await page.locator('.node.interface').first().waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
  const box = await page.getByTestId('topology').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const next = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
  });
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 0; step < 60; step++) await page.mouse.move(x + 3 * step, y + 2 * step);
  await page.mouse.up();
  for (let step = 0; step < 30; step++) await page.mouse.wheel(0, step < 15 ? -60 : 60);
  const frames = (await page.evaluate(() => window.frames_)).sort((a, b) => a - b);
  console.log(JSON.stringify({ paint, median: frames[frames.length >> 1], worst: frames[frames.length - 1], count: frames.length }));
});
