// A page of another origin tries everything: it reads nothing, changes nothing, opens nothing. And the console's own policy holds.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { input, withBrowser } from './browser.mjs';

const { url, account, region, instance } = await input();
const server = createServer((_, answer) => { answer.setHeader('content-type', 'text/html'); answer.end('<!doctype html><title>elsewhere</title>'); });
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

await withBrowser(async ({ open, complaints }) => {
  // A token that is good: what refuses the socket is where the page comes from.
  const { token } = await (await fetch(`${url}/_vpclab/console/terminal?${instance}`, { method: 'POST' })).json();
  assert.ok(token, 'no token for a program');
  const page = await open();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const seen = await page.evaluate(async ({ url, account, region, instance, token }) => {
    const reached = async (path, options) => {
      try { const answer = await fetch(url + path, options); return answer.type === 'opaque' ? 'opaque' : await answer.text(); } catch { return 'refused'; }
    };
    const credential = `X-Amz-Credential=${account}/20260101/${region}/ec2/aws4_request&X-Amz-Signature=00&X-Amz-SignedHeaders=host&X-Amz-Algorithm=AWS4-HMAC-SHA256`;
    const socket = (target) => new Promise((done) => { const one = new WebSocket(target); one.onopen = () => done('open'); one.onerror = () => done('refused'); });
    const stream = () => new Promise((done) => { const one = new EventSource(url + '/_vpclab/console/events'); one.onopen = () => done('open'); one.onerror = () => { one.close(); done('refused'); }; });
    const framed = () => new Promise((done) => {
      const frame = document.createElement('iframe');
      frame.onload = () => { let text = 'hidden'; try { text = frame.contentDocument?.title ?? 'hidden'; } catch { /* hidden */ } done(text); };
      frame.src = url + '/console/';
      document.body.append(frame);
    });
    return {
      read: await reached('/_vpclab/console/state?vpcs'),
      snapshot: await reached('/_vpclab/topology'),
      reset: await reached('/_vpclab/reset', { method: 'POST', mode: 'no-cors' }),
      form: await reached(`/?${credential}`, { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Action=CreateVpc&Version=2016-11-15&CidrBlock=10.99.0.0/16' }),
      link: await reached(`/?Action=CreateVpc&Version=2016-11-15&CidrBlock=10.98.0.0/16&${credential}`, { mode: 'no-cors' }),
      signed: await reached('/', { method: 'POST', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' }, body: '' }),
      token: await reached(`/_vpclab/console/terminal?${instance}`, { method: 'POST', mode: 'no-cors' }),
      socket: await socket(url.replace('http', 'ws') + `/_vpclab/console/terminal?token=${token}`),
      stream: await stream(),
      frame: await framed(),
    };
  }, { url, account, region, instance, token });
  assert.deepEqual(seen, {
    read: 'refused', snapshot: 'refused', reset: 'opaque', form: 'opaque', link: 'opaque', signed: 'refused', token: 'refused', socket: 'refused', stream: 'refused', frame: 'hidden',
  });

  // The console's page itself runs no inline script and asks nobody else.
  complaints.length = 0;
  await page.goto(`${url}/console/`);
  await page.getByRole('heading', { name: 'Topology' }).waitFor();
  const inside = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.inlineRan = true';
    document.head.append(script);
    const outside = await fetch('http://127.0.0.1:9/').then(() => 'reached', () => 'refused');
    const styled = document.createElement('div');
    styled.setAttribute('style', 'color: red');
    return { inline: window.inlineRan ?? false, outside, style: styled.style.color };
  });
  assert.deepEqual(inside, { inline: false, outside: 'refused', style: '' });
  assert.ok(complaints.some((text) => text.includes('Content Security Policy')), 'the policy was not what refused');
  complaints.length = 0;
  server.close();
});
