// What the Call page offers against a blocked call: one fix of several commands, all fixes of a call with two blockers at once, fixes whose
// commands hand on an id, and what is left when one of them is refused. After each the call is made again and gets through.
import assert from 'node:assert/strict';
import { accessible, fits, input, NARROW, withBrowser } from './browser.mjs';

const { url, account, region, group, rule, calls, cidr } = await input();

await withBrowser(async ({ open, complaints }) => {
  const page = await open();
  const dialog = page.getByRole('dialog');
  const button = (scope, name) => scope.getByRole('button', { name, exact: true }).first();
  const outcome = (state) => page.locator(`[data-testid=outcome][data-outcome=${state}]`).waitFor({ timeout: 60_000 });
  const verdict = (state) => page.locator(`[data-testid=verdict][data-verdict=${state}]`).waitFor({ timeout: 60_000 });
  for (const { from, target, apply, commands, blockers, refused } of calls) {
    await page.goto(`${url}/console/#/call`);
    await page.reload();
    await page.getByLabel('From', { exact: true }).click();
    await page.getByRole('option', { name: from }).first().click();
    await page.getByRole('combobox', { name: 'URL' }).fill(target);
    await page.getByRole('heading', { name: 'Make a call' }).click();
    await button(page, 'Call').click();
    await outcome('bad');
    await verdict('blocked');
    assert.equal(await page.locator('[data-testid=blocker]').count(), blockers, `blockers of ${target}`);
    const newest = page.getByRole('table', { name: 'Recent calls' }).getByRole('row').nth(1).getByRole('cell');
    if (refused) for (const wanted of [/^403$/, new RegExp(refused)]) await newest.filter({ hasText: wanted }).first().waitFor();
    await button(page, apply).click();
    await dialog.getByText('The same by the AWS CLI').click();
    const lines = (await dialog.getByTestId('aws-command').textContent()).split('\n');
    assert.deepEqual(lines.map((line) => /aws (.*? .*?) /.exec(line)?.[1]), commands);
    await accessible(page, `the fixes of ${target}`);
    await button(dialog, apply).click();
    await dialog.waitFor({ state: 'hidden' });
    await outcome('good');
    await verdict('reachable');
    // The call is in the stream, with its status, its time, its source and the statement that let it pass.
    for (const wanted of [/^200$/, /^\d+\.\d ms$/, /^10\.\d+\.\d+\.\d+$/, /statement \d of the (endpoint|resource) policy/]) await newest.filter({ hasText: wanted }).first().waitFor();
  }

  // What a client changes meanwhile shows in the verdict, without a click.
  const authorization = `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/ec2/aws4_request, SignedHeaders=host, Signature=00`;
  const revoked = await fetch(`${url}/`, { method: 'POST', headers: { authorization }, body: new URLSearchParams({ Action: 'RevokeSecurityGroupIngress', Version: '2016-11-15', GroupId: group, 'SecurityGroupRuleId.1': rule }) });
  assert.equal(revoked.status, 200);
  await verdict('blocked');

  // Of two operations the second is refused: the dialog says what was done, and does it no second time.
  const small = await open({ viewport: NARROW, colorScheme: 'dark' });
  await small.route('**/', async (route) => {
    const refused = (route.request().postData() ?? '').includes('Action=ModifyVpcAttribute');
    await (refused ? route.fulfill({ status: 400, contentType: 'text/xml', body: '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors></Response>' }) : route.continue());
  });
  await small.goto(`${url}/console/#/vpc/vpcs`);
  await button(small, 'Create VPC').click();
  const form = small.getByRole('dialog');
  await form.getByLabel('IPv4 CIDR').fill(cidr);
  await form.getByLabel('Enable DNS hostnames').click();
  await button(form, 'Create VPC').click();
  await form.getByText('Request limit exceeded.').waitFor();
  await form.getByText(/Done before it, and kept:.*aws ec2 create-vpc/).waitFor();
  assert.ok(await button(form, 'Create VPC').isDisabled(), 'what was done could be done again');
  await accessible(small, 'a refusal');
  await fits(small, 'a refusal');
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('status of 400')));
});
