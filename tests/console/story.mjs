// The two-region story from an empty lab, clicked: everything is made in the page, by its dialogs. The API comes from a template, as a
// deployment of SAM's would bring it, and is opened to the endpoint, given its policy and deployed in the page.
import assert from 'node:assert/strict';
import { accessible, fits, input, withBrowser } from './browser.mjs';

const { url, account, seoul, oregon, template, body, shots } = await input();
const commands = {};

await withBrowser(async ({ open, complaints }) => {
  const page = await open();
  const dialog = page.getByRole('dialog');
  const go = (path) => page.goto(`${url}/console/#${path}`);
  const button = (scope, name) => scope.getByRole('button', { name, exact: true }).first();
  const picture = async (name, height) => {
    if (!shots) return;
    await page.setViewportSize({ width: 1280, height });
    await page.screenshot({ path: `${shots}/${name}.png` });
  };
  const choose = async (scope, label, option) => {
    await scope.getByLabel(label, { exact: true }).click();
    await page.getByRole('option', { name: option }).first().click();
  };
  const fill = (label, text) => dialog.getByLabel(label, { exact: true }).fill(text);
  const submit = async (name) => {
    await button(dialog, name).click();
    await dialog.waitFor({ state: 'hidden' });
  };
  /** Opens a list's dialog, has it filled, keeps the command that it shows, and sends it. */
  const make = async (path, text, form, name = text) => {
    await go(path);
    await button(page, text).click();
    await form();
    await keep(text);
    await submit(name);
  };
  /** The command of a dialog, which is looked at on the way. */
  const keep = async (name) => {
    if (!(name in commands)) {
      await accessible(page, `the dialog "${name}"`);
      await fits(page, `the dialog "${name}"`);
    }
    await dialog.getByText('The same by the AWS CLI').click();
    commands[name] ??= [];
    commands[name].push(await dialog.getByTestId('aws-command').textContent());
  };
  /** The id of the first row that a list links to, with this in it. */
  const rowOf = async (path, text) => {
    await go(path);
    const row = page.getByRole('row').filter({ hasText: text }).first();
    await row.waitFor();
    return (await row.getByRole('link').first().textContent()).trim();
  };
  const action = async (name) => {
    await button(page, 'Actions').click();
    await page.getByRole('menuitem', { name, exact: true }).click();
  };
  const refusedAsTyped = async (label, wrong, said, name) => {
    await fill(label, wrong);
    await dialog.getByText(said).first().waitFor();
    assert.ok(await button(dialog, name).isDisabled(), `${label} takes ${wrong}`);
  };
  const outcome = (state) => page.locator(`[data-testid=outcome][data-outcome=${state}]`).waitFor({ timeout: 60_000 });
  const verdict = (state) => page.locator(`[data-testid=verdict][data-verdict=${state}]`).waitFor({ timeout: 60_000 });
  const call = async (from, target) => {
    await choose(page, 'From', from);
    await page.getByRole('combobox', { name: 'URL' }).fill(target);
    await page.getByRole('heading', { name: 'Make a call' }).click();
    await button(page, 'Call').click();
  };

  // A VPC in each region, with both DNS attributes, a subnet and an instance in it.
  for (const side of [seoul, oregon]) {
    await make('/vpc/vpcs', 'Create VPC', async () => {
      await refusedAsTyped('IPv4 CIDR', '10.0.0.0/8', 'Between /16 and /28', 'Create VPC');
      await refusedAsTyped('IPv4 CIDR', '10.0.0.256/16', 'A block such as 10.0.0.0/16', 'Create VPC');
      await fill('IPv4 CIDR', side.cidr);
      await fill('Name', side.name);
      await refusedAsTyped('Region', 'seoul', 'A region such as ap-northeast-2', 'Create VPC');
      await fill('Region', side.region);
      await fill('Account', account);
      await dialog.getByLabel('Enable DNS hostnames').click();
      assert.ok(await dialog.getByLabel('Enable DNS resolution').isChecked());
    });
    side.vpc = await rowOf('/vpc/vpcs', side.cidr);
    await make('/vpc/subnets', 'Create subnet', async () => {
      await choose(dialog, 'VPC', side.vpc);
      await refusedAsTyped('IPv4 CIDR', '10.9.1.0/24', `Not in the VPC's ${side.cidr}`, 'Create subnet');
      await fill('IPv4 CIDR', side.subnetCidr);
      await choose(dialog, 'Availability Zone', `${side.region}a`);
    });
    side.subnet = await rowOf('/vpc/subnets', side.subnetCidr);
    await make('/vpc/security-groups', 'Create security group', async () => {
      await choose(dialog, 'VPC', side.vpc);
      await refusedAsTyped('Name', 'a?b', 'Letters, digits, spaces', 'Create security group');
      await fill('Name', `${side.name}-client`);
      await fill('Description', 'of the instance');
    });
    side.group = await rowOf('/vpc/security-groups', `${side.name}-client`);
    await make('/vpc/instances', 'Launch instance', async () => {
      await fill('Name', side.name);
      await choose(dialog, 'Subnet', side.subnet);
      await dialog.getByText('vpclab/machine').first().waitFor();
      await choose(dialog, 'Security groups', side.group);
      await refusedAsTyped('Private IPv4 address', '10.9.9.9', `An address in ${side.subnetCidr}`, 'Launch instance');
      await fill('Private IPv4 address', '');
    });
    side.instance = await rowOf('/vpc/instances', side.name);
    await page.getByRole('row').filter({ hasText: side.name }).getByText('running').waitFor();
  }

  // The endpoint, behind a group that lets nothing in.
  await make('/vpc/security-groups', 'Create security group', async () => {
    await choose(dialog, 'VPC', seoul.vpc);
    await fill('Name', 'endpoint');
    await fill('Description', 'of the endpoint');
  });
  seoul.endpointGroup = await rowOf('/vpc/security-groups', 'of the endpoint');
  await make('/vpc/endpoints', 'Create endpoint', async () => {
    await choose(dialog, 'VPC', seoul.vpc);
    await choose(dialog, 'Service', /^ecr\.api/);
    await dialog.getByText(`com.amazonaws.${seoul.region}.ecr.api`).waitFor();
    await choose(dialog, 'Service', 'execute-api');
    await choose(dialog, 'Subnets', seoul.subnet);
    await choose(dialog, 'Security groups', seoul.endpointGroup);
    await choose(dialog, 'Policy', 'Custom');
    await refusedAsTyped('Endpoint policy', '{"Statement": 1}', 'must be an object', 'Create endpoint');
    await fill('Endpoint policy', JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: '*' }] }));
    await button(dialog, 'Create endpoint').and(page.locator(':enabled')).waitFor();
  });
  const endpoint = await rowOf('/vpc/endpoints', seoul.vpc);

  // The API: endpoint configuration, resource policy, deployment.
  await make('/cloudformation/stacks', 'Create stack', async () => {
    await fill('Stack name', 'pets');
    await fill('Region', seoul.region);
    await fill('Template', template);
  });
  const api = await rowOf('/apigateway/apis', 'pets');
  await go(`/apigateway/apis/${api}`);
  const change = async (name, form, send = 'Save changes') => {
    await form();
    await keep(name);
    await submit(send);
  };
  await action('Edit endpoint configuration');
  await change('Edit endpoint configuration', () => choose(dialog, 'VPC endpoints', endpoint));
  await action('Edit resource policy');
  await change('Edit resource policy', async () => {
    await refusedAsTyped('Resource policy', '{"Version": "2012-10-17", "Statement": [{}]}', 'missing element', 'Save changes');
    await fill('Resource policy', JSON.stringify({ Version: '2012-10-17', Statement: [
      { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' },
      { Effect: 'Deny', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*', Condition: { StringNotEquals: { 'aws:SourceVpce': endpoint } } }] }));
    await button(dialog, 'Save changes').and(page.locator(':enabled')).waitFor();
  });
  await button(page, 'Deploy API').click();
  await change('Deploy API', async () => {
    await refusedAsTyped('Stage name', 'dev/1', 'Letters, digits, _ and -', 'Deploy');
    await fill('Stage name', 'dev');
  }, 'Deploy');

  // Seoul: the call times out, and the fix opens port 443.
  await go('/call');
  await call(seoul.instance, `https://${api}.execute-api.${seoul.region}.amazonaws.com/dev/pets`);
  await outcome('bad');
  await verdict('blocked');
  await accessible(page, 'a blocked call');
  await picture('call-blocked', 1240);
  await button(page, 'Apply').click();
  await submit('Apply');
  await outcome('good');
  await verdict('reachable');
  await page.getByText(body).first().waitFor();
  await page.getByText('allowed by').first().waitFor();
  await picture('call', 1240);

  // The peering, asked for by the accepter's id and accepted on its page.
  await make('/vpc/peering-connections', 'Create peering connection', async () => {
    await choose(dialog, 'VPC (requester)', seoul.vpc);
    await refusedAsTyped('VPC (accepter)', 'vpc-1', 'An id such as', 'Create peering connection');
    await fill('VPC (accepter)', oregon.vpc);
    await fill('Region of the accepter', oregon.region);
    await refusedAsTyped('Account of the accepter', '12', 'Twelve digits', 'Create peering connection');
    await fill('Account of the accepter', account);
  });
  await page.getByRole('link', { name: /^pcx-/ }).first().click();
  await page.getByText('pending-acceptance').first().waitFor();
  const peering = new URL(page.url()).hash.split('/').pop();
  await button(page, 'Accept request').click();
  await submit('Accept request');
  await page.getByText('active', { exact: true }).first().waitFor();
  await button(page, 'Edit DNS options').click();
  await change('Edit DNS options', () => dialog.getByLabel(/^Accepter lets/).click());
  await page.getByText('Enabled').first().waitFor();
  await picture('peering', 760);

  // Routes both ways.
  for (const [near, far] of [[seoul, oregon], [oregon, seoul]]) {
    await go(`/vpc/vpcs/${near.vpc}`);
    await page.getByRole('link', { name: /^rtb-/ }).first().click();
    await button(page, 'Add route').click();
    await refusedAsTyped('Destination', '10.1.0.0/40', 'A block such as 10.0.0.0/16', 'Add route');
    await fill('Destination', far.cidr);
    await choose(dialog, 'Target', peering);
    await submit('Add route');
    await page.getByRole('cell', { name: far.cidr }).or(page.getByRole('rowheader', { name: far.cidr })).first().waitFor();
  }

  // The alias is on the API's page, and answers from Oregon once the endpoint's group lets it in.
  const alias = `https://${api}-${endpoint}.execute-api.${seoul.region}.amazonaws.com/dev/pets`;
  await go(`/apigateway/apis/${api}?tab=urls`);
  await page.getByText(`${api}-${endpoint}.execute-api`).first().waitFor();
  await go(`/vpc/security-groups/${seoul.endpointGroup}`);
  await button(page, 'Add rule').click();
  await choose(dialog, 'Source type', 'CIDR block');
  await fill('Source', oregon.cidr);
  await keep('Add rule');
  await submit('Add rule');
  await go('/call');
  await call(oregon.instance, alias);
  await outcome('good');
  await verdict('reachable');
  await page.getByText(body).first().waitFor();

  // The topology shows the way.
  await go('/topology');
  await choose(page, 'From', oregon.instance);
  await page.getByRole('combobox', { name: 'URL' }).fill(alias);
  await page.getByRole('heading', { name: 'Show the path of a call' }).click();
  await button(page, 'Show the path').click();
  await page.locator(`.on-path[data-id="${oregon.instance}"]`).waitFor();
  assert.equal(await page.locator('.blocking').count(), 0);
  await page.evaluate(() => window.scrollTo(0, 0));
  assert.ok(await page.getByRole('link', { name: 'Subnets' }).isVisible(), 'the navigation has closed by itself');
  await picture('topology', 900);

  // What still has something in it is not deleted, and AWS says why; what has nothing goes.
  await go(`/vpc/vpcs/${oregon.vpc}`);
  await action('Delete VPC');
  await button(dialog, 'Delete').click();
  await dialog.getByText('DependencyViolation').waitFor();
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('status of 400')));
  await button(dialog, 'Cancel').click();
  const deleted = async (path, text, act = () => button(page, text).click(), send = 'Delete', gone = /^There is no/) => {
    await go(path);
    await act(text);
    await submit(send);
    await page.getByText(gone).first().waitFor();
  };
  await deleted(`/vpc/instances/${oregon.instance}`, 'Terminate', action, 'Terminate', 'terminated');
  await deleted(`/vpc/peering-connections/${peering}`, 'Delete peering connection', action, 'Delete', /deleted|There is no/);
  await deleted(`/vpc/security-groups/${oregon.group}`, 'Delete security group');
  await deleted(`/vpc/subnets/${oregon.subnet}`, 'Delete subnet');
  await deleted(`/vpc/vpcs/${oregon.vpc}`, 'Delete VPC', action);
  await deleted(`/apigateway/apis/${api}?tab=stages`, 'Delete the stage dev', undefined, 'Delete', 'The API is not deployed');
  await deleted(`/vpc/endpoints/${endpoint}`, 'Delete endpoint', action);
  console.log(JSON.stringify({ commands, api, endpoint, seoul, oregon }));
});
