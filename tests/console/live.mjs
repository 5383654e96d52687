// A function's lines appear while its page is open, and a stack's events while it is being made.
import { input, withBrowser } from './browser.mjs';

const { url, account, region, name, arn } = await input();
const asked = (service, path, body, headers = {}) => fetch(url + path, {
  method: 'POST', body, headers: { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00` },
});

await withBrowser(async ({ open, complaints }) => {
  const page = await open();
  await page.goto(`${url}/console/#/lambda/functions/${encodeURIComponent(arn)}`);
  await page.getByText('No log events').or(page.getByText(/no .*log/i)).first().waitFor({ timeout: 20_000 });
  await asked('lambda', `/2015-03-31/functions/${name}/invocations`, '{}');
  await page.getByText('hello from the function').first().waitFor();

  // A function that never ran has no log group: the API says so, and the browser says that it did.
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('status of 400')));

  await page.goto(`${url}/console/#/cloudformation/stacks`);
  await page.getByText('No stacks').first().waitFor();
  const template = JSON.stringify({ Resources: { Group: { Type: 'AWS::Logs::LogGroup' } } });
  await asked('cloudformation', '/', new URLSearchParams({ Action: 'CreateStack', Version: '2010-05-15', StackName: 'live', TemplateBody: template }));
  await page.getByRole('link', { name: 'live' }).click();
  await page.getByText('CREATE_COMPLETE').first().waitFor();
});
