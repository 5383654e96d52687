// The two-region story, clicked: the endpoint's rule opens the call, the peering is asked for and accepted, the alias answers from afar.
import assert from 'node:assert/strict';
import { accessible, input, withBrowser } from './browser.mjs';

const { url, seoul, oregon, api, endpoint, shots } = await input();
const alias = `https://${api}-${endpoint}.execute-api.${seoul.region}.amazonaws.com/dev/pets`;

await withBrowser(async ({ open }) => {
  const page = await open();
  const go = (path) => page.goto(`${url}/console/#${path}`);
  const picture = async (name, height) => {
    if (!shots) return;
    await page.setViewportSize({ width: 1280, height });
    await page.screenshot({ path: `${shots}/${name}.png` });
  };
  const choose = async (scope, label, option) => {
    await scope.getByLabel(label, { exact: true }).click();
    await page.getByRole('option', { name: option }).first().click();
  };
  const submit = async (name) => {
    await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  };
  const outcome = (state) => page.locator(`[data-testid=outcome][data-outcome=${state}]`).waitFor({ timeout: 60_000 });
  const verdict = (state) => page.locator(`[data-testid=verdict][data-verdict=${state}]`).waitFor({ timeout: 60_000 });
  const call = async (from, target) => {
    await choose(page, 'From', from);
    await page.getByRole('combobox', { name: 'URL' }).fill(target);
    await page.getByRole('heading', { name: 'Make a call' }).click();
    await page.getByRole('button', { name: 'Call', exact: true }).click();
  };
  const apply = async () => {
    await page.getByRole('button', { name: 'Apply', exact: true }).first().click();
    await submit('Apply');
  };

  // Seoul: the call times out, and the fix opens port 443.
  await go('/call');
  await call(seoul.instance, `https://${api}.execute-api.${seoul.region}.amazonaws.com/dev/pets`);
  await outcome('bad');
  await verdict('blocked');
  await accessible(page, 'a blocked call');
  await picture('call-blocked', 1240);
  await apply();
  await outcome('good');
  await verdict('reachable');
  await page.getByText('Bello').first().waitFor();
  await page.getByText('allowed by').first().waitFor();
  await picture('call', 1240);

  // The peering, asked for by the accepter's id and accepted on its page.
  await go('/vpc/peering-connections');
  await page.getByRole('button', { name: 'Create peering connection' }).first().click();
  const dialog = page.getByRole('dialog');
  await choose(dialog, 'VPC (requester)', seoul.vpc);
  await dialog.getByLabel('VPC (accepter)').fill(oregon.vpc);
  await dialog.getByLabel('Region of the accepter').fill(oregon.region);
  await submit('Create peering connection');
  await page.getByRole('link', { name: /^pcx-/ }).first().click();
  await page.getByText('pending-acceptance').first().waitFor();
  const peering = new URL(page.url()).hash.split('/').pop();
  await page.getByRole('button', { name: 'Accept request' }).click();
  await submit('Accept request');
  await page.getByText('active', { exact: true }).first().waitFor();
  await picture('peering', 760);

  // Routes both ways.
  for (const [near, far] of [[seoul, oregon], [oregon, seoul]]) {
    await go(`/vpc/route-tables/${near.table}`);
    await page.getByRole('button', { name: 'Add route' }).click();
    await dialog.getByLabel('Destination').fill(far.cidr);
    await choose(dialog, 'Target', peering);
    await submit('Add route');
    await page.getByRole('cell', { name: far.cidr }).or(page.getByRole('rowheader', { name: far.cidr })).first().waitFor();
  }

  // The alias is on the API's page, and answers from Oregon once the endpoint's group lets it in.
  await go(`/apigateway/apis/${api}?tab=urls`);
  await page.getByText(`${api}-${endpoint}.execute-api`).first().waitFor();
  await go(`/vpc/security-groups/${seoul.endpointGroup}`);
  await page.getByRole('button', { name: 'Add rule' }).first().click();
  await choose(dialog, 'Source type', 'CIDR block');
  await dialog.getByLabel('Source', { exact: true }).fill(oregon.cidr);
  await dialog.getByText('The same by the AWS CLI').click();
  const command = await dialog.getByTestId('aws-command').textContent();
  await submit('Add rule');
  await go('/call');
  await call(oregon.instance, alias);
  await outcome('good');
  await verdict('reachable');

  // The topology shows the way.
  await go('/topology');
  await choose(page, 'From', oregon.instance);
  await page.getByRole('combobox', { name: 'URL' }).fill(alias);
  await page.getByRole('heading', { name: 'Show the path of a call' }).click();
  await page.getByRole('button', { name: 'Show the path' }).click();
  await page.locator(`.on-path[data-id="${oregon.instance}"]`).waitFor();
  assert.equal(await page.locator('.blocking').count(), 0);
  await page.evaluate(() => window.scrollTo(0, 0));
  assert.ok(await page.getByRole('link', { name: 'Subnets' }).isVisible(), 'the navigation has closed by itself');
  await picture('topology', 900);
  console.log(JSON.stringify({ command, peering }));
});
