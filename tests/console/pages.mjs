// Opens pages, and dialogs in them, wide and narrow, light and dark: each says what it should, fits, and has nothing that axe calls serious.
import { accessible, fits, input, NARROW, withBrowser } from './browser.mjs';

const { url, pages, shots } = await input();
await withBrowser(async ({ open }) => {
  for (const [name, options] of [['wide', {}], ['narrow', { viewport: NARROW, colorScheme: 'dark' }]]) {
    const page = await open(options);
    for (const { path, text, shot, opens } of pages) {
      const what = `${path} ${name}${opens ? `, ${opens}` : ''}`;
      await page.goto(`${url}/console/#${path}`);
      try {
        for (const wanted of [text].flat()) await page.getByText(wanted).first().waitFor({ state: 'attached', timeout: 20_000 });
      } catch (why) {
        throw new Error(`${what} does not say ${JSON.stringify(text)}: ${why.message}\n${(await page.locator('main').innerText()).slice(0, 600)}`);
      }
      if (opens) {
        await page.getByRole('button', { name: opens, exact: true }).first().click();
        await page.getByRole('dialog').getByRole('button', { name: opens, exact: true }).waitFor();
      }
      await accessible(page, what);
      await fits(page, what);
      if (opens) await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      if (shots && shot && name === 'wide') await page.screenshot({ path: `${shots}/${shot}.png` });
    }
  }
});
