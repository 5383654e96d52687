// The story's main action without a mouse: a VPC is made, a box of the picture is read, a call is made, found blocked, mended, and gets through.
import assert from 'node:assert/strict';
import { input, withBrowser } from './browser.mjs';

const { url, instance, target, cidr } = await input();
const MOST = 120;

await withBrowser(async ({ open }) => {
  const page = await open();
  const dialog = page.getByRole('dialog');
  const press = (key) => page.keyboard.press(key);
  const focused = (locator) => locator.evaluate((element) => element === document.activeElement || element.contains(document.activeElement));
  /** Goes on with Tab until something has the focus; and it can be seen that it has it. */
  const reach = async (locator) => {
    await locator.waitFor({ state: 'attached' });
    for (let step = 0; step < MOST; step++) {
      if (await focused(locator)) return;
      await press('Tab');
    }
    assert.fail(`Tab does not lead to ${locator}`);
  };
  const go = async (path) => { await page.goto(`${url}/console/#${path}`); await page.reload(); };

  await go('/vpc/vpcs');
  await reach(page.getByRole('button', { name: 'Create VPC' }).first());
  await press('Enter');
  await reach(dialog.getByLabel('IPv4 CIDR'));
  await page.keyboard.type(cidr);
  await press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText(cidr, { exact: true }).waitFor();

  await go('/topology');
  await reach(page.locator(`[data-id="${instance}"]`));
  await press('Enter');
  await reach(page.getByRole('link', { name: 'Open its page' }));
  await reach(page.getByRole('button', { name: 'Close the details' }));
  await press('Enter');
  await page.getByRole('link', { name: 'Open its page' }).waitFor({ state: 'detached' });

  await go('/call');
  const from = page.getByLabel('From', { exact: true });
  await reach(from);
  await press('Enter');
  await page.getByRole('option', { name: instance }).waitFor();
  for (let step = 0; step < MOST && !(await from.innerText()).includes(instance); step++) {
    await press('ArrowDown');
    if ((await page.locator('[role=option][class*=highlighted], [role=option] [class*=highlighted]').first().innerText()).includes(instance)) await press('Enter');
  }
  await reach(page.getByRole('combobox', { name: 'URL' }));
  await page.keyboard.type(target);
  await press('Escape');
  await reach(page.getByRole('button', { name: 'Call', exact: true }));
  await press('Enter');
  await page.locator('[data-testid=verdict][data-verdict=blocked]').waitFor({ timeout: 60_000 });
  await reach(page.getByRole('button', { name: 'Apply', exact: true }).first());
  await press('Enter');
  await reach(dialog.getByRole('button', { name: 'Apply', exact: true }));
  await press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  await page.locator('[data-testid=outcome][data-outcome=good]').waitFor({ timeout: 60_000 });
});
