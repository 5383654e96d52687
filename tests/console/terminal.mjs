// A shell in an instance: what is typed is run there, and a token opens it once.
import assert from 'node:assert/strict';
import { accessible, input, withBrowser } from './browser.mjs';

const { url, instance, address, shots } = await input();
await withBrowser(async ({ open, complaints }) => {
  const page = await open();
  await page.goto(`${url}/console/#/vpc/instances/${instance}`);
  await page.getByRole('link', { name: 'Open a terminal' }).click();
  await page.locator('[data-testid=terminal-state][data-state=open]').waitFor();
  const terminal = page.getByTestId('terminal');
  await terminal.click();
  await page.keyboard.type('echo "I am $(hostname -I)"; tty -s && echo terminal-$((20+22)); stty size\n');
  const screen = terminal.locator('.xterm-accessibility');
  await screen.getByText(`I am ${address}`).first().waitFor();
  await screen.getByText('terminal-42').first().waitFor();
  await accessible(page, 'a terminal');
  if (shots) await page.screenshot({ path: `${shots}/terminal.png` });
  await terminal.click();
  await page.keyboard.type('exit\n');
  await page.locator('[data-testid=terminal-state][data-state=closed]').waitFor();

  // A token is good for one socket.
  const outcome = await page.evaluate(async (id) => {
    const { token } = await (await fetch(`/_vpclab/console/terminal?${id}`, { method: 'POST' })).json();
    const attempt = () => new Promise((done) => {
      const socket = new WebSocket(`ws://${location.host}/_vpclab/console/terminal?token=${token}`);
      socket.onopen = () => { done('open'); socket.close(); };
      socket.onerror = () => done('refused');
    });
    return [await attempt(), await attempt()];
  }, instance);
  assert.deepEqual(outcome, ['open', 'refused']);
  // The browser says of the second that it failed; that is what was wanted.
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('WebSocket connection')));
});
