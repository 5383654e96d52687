// A VPC's DNS setting is changed in a dialog; a VPC that a client makes appears by itself.
import assert from 'node:assert/strict';
import { accessible, input, withBrowser } from './browser.mjs';

const { url, vpc, region, account } = await input();
await withBrowser(async ({ open }) => {
  const page = await open();
  await page.goto(`${url}/console/#/vpc/vpcs/${vpc}`);
  await page.getByRole('button', { name: 'Edit DNS settings' }).click();
  const dialog = page.getByRole('dialog');
  const save = dialog.getByRole('button', { name: 'Save changes' });
  assert.ok(await save.isDisabled(), 'nothing is changed yet');
  await dialog.getByLabel('Enable DNS hostnames').click();
  await dialog.getByText('The same by the AWS CLI').click();
  const command = await dialog.getByTestId('aws-command').textContent();
  await save.click();
  await page.getByText(`The DNS settings of ${vpc} are changed.`).waitFor();
  await page.getByText('Disabled').first().waitFor();

  await page.goto(`${url}/console/#/vpc/vpcs`);
  await page.getByRole('link', { name: vpc }).waitFor();
  const authorization = `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/ec2/aws4_request, SignedHeaders=host, Signature=00`;
  const made = await fetch(`${url}/`, { method: 'POST', headers: { authorization }, body: new URLSearchParams({ Action: 'CreateVpc', Version: '2016-11-15', CidrBlock: '10.77.0.0/16' }) });
  assert.equal(made.status, 200);
  await page.getByText('10.77.0.0/16').waitFor();

  // An API of an OpenAPI document, and its end.
  await page.goto(`${url}/console/#/apigateway/apis`);
  await page.getByRole('button', { name: 'Create API' }).first().click();
  await dialog.getByLabel('OpenAPI document').fill('{"openapi": "3.0.1",');
  await dialog.getByText(/JSON at position/).first().waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Create API' }).isDisabled());
  await dialog.getByLabel('OpenAPI document').fill(JSON.stringify({ openapi: '3.0.1', info: { title: 'of a document', version: '1' }, paths: {} }));
  await dialog.getByLabel('Region').fill(region);
  await dialog.getByLabel('Account').fill(account);
  await dialog.getByText('The same by the AWS CLI').click();
  await accessible(page, 'the dialog "Create API"');
  const imported = await dialog.getByTestId('aws-command').textContent();
  await dialog.getByRole('button', { name: 'Create API' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('row').filter({ hasText: 'of a document' }).getByRole('link').first().click();
  await page.getByText('PRIVATE').first().waitFor();
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete API' }).click();
  await dialog.getByText('Its stages and deployments go with it.').waitFor();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText(/^There is no API/).first().waitFor();
  console.log(JSON.stringify({ command, imported }));
});
