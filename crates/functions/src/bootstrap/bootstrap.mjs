// The Node.js runtime of vpclab: takes events from the Lambda Runtime API and gives them to the handler.
//
// What the handler sees is what AWS's own interface client shows it:
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html, https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import util from 'node:util';

const API = '/2018-06-01/runtime/';
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let requestId = '';

function call(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: API + where, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

// In the order of AWS's levels.
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const methods = { log: 'INFO', info: 'INFO', debug: 'DEBUG', trace: 'TRACE', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' };
const jsonLog = (process.env.AWS_LAMBDA_LOG_FORMAT || '').toUpperCase() === 'JSON';
const least = LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || '').toUpperCase());

function ofError(error) {
  const stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : error.stack;
  return { errorType: error.constructor ? error.constructor.name : 'UnknownError', errorMessage: error.message, stackTrace };
}

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html#node-logging-advanced
function jsonLine(level, words) {
  const line = { timestamp: new Date().toISOString(), level, requestId: requestId || undefined };
  if (words.length !== 1) {
    const error = words.find((word) => word instanceof Error);
    return JSON.stringify({ ...line, message: util.format(...words), ...(error && ofError(error)) });
  }
  try {
    return JSON.stringify({ ...line, message: words[0] }, (_, value) => (value instanceof Error ? { ...ofError(value), ...value } : value));
  } catch {
    return JSON.stringify({ ...line, message: util.format(words[0]) });
  }
}

for (const [name, level] of Object.entries(methods)) {
  console[name] = (...words) => {
    if (LEVELS.indexOf(level) < least) return;
    const text = () => [new Date().toISOString(), requestId || 'undefined', level, util.format(...words)].join('\t');
    fs.writeSync(1, (jsonLog ? jsonLine(level, words) : text()).replace(/\n/g, '\r') + '\n');
  };
}

// An error that nobody caught.
function logError(label, error) {
  if (jsonLog) console.error(error instanceof Error ? error : new Error(error));
  else console.error(label + JSON.stringify(described(error)));
}

class Fault extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

function described(error) {
  if (util.types.isNativeError(error) || (error && error.name && error.message !== undefined && error.stack)) {
    return { errorType: String(error.name), errorMessage: String(error.message), trace: String(error.stack || '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function report(where, error) {
  const found = described(error);
  const headers = { 'Content-Type': 'application/json', 'Lambda-Runtime-Function-Error-Type': found.errorType.replace(/[^\x20-\x7e]/g, '?') };
  await call('POST', where, JSON.stringify(found), headers);
}

function isModule(file) {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    const description = path.join(directory, 'package.json');
    if (fs.existsSync(description)) return JSON.parse(fs.readFileSync(description, 'utf8')).type === 'module';
    if (directory === path.dirname(directory)) return false;
  }
}

async function load(root, name) {
  const base = path.basename(name);
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match || name.includes('..')) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const at = path.resolve(root, name.slice(0, name.length - base.length), match[1]);
  const file = ['', '.js', '.mjs', '.cjs'].map((end) => at + end).find((one) => fs.existsSync(one) && fs.statSync(one).isFile());
  const found = file || (fs.existsSync(at) ? at : null);
  if (!found) {
    throw new Fault('Runtime.ImportModuleError', `Error: Cannot find module '${match[1]}'\nRequire stack:\n- /var/runtime/index.mjs`);
  }
  let loaded;
  try {
    loaded = file && isModule(file) ? await import(pathToFileURL(file).href) : createRequire(at)(found);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', error.stack.split('\n')[0] + ': ' + error.message);
    if (['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(error && error.code)) {
      throw new Fault('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  let [owner, handler] = [null, loaded];
  for (const part of match[2].split('.')) {
    [owner, handler] = [handler, handler === null || handler === undefined ? undefined : handler[part]];
  }
  if (handler === undefined && loaded.default) handler = match[2].split('.').reduce((value, part) => value && value[part], loaded.default);
  if (handler === undefined) throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler.bind(owner);
}

function contextOf(headers, done) {
  const env = process.env;
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const parsed = (text) => (text ? JSON.parse(text) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    identity: parsed(headers['lambda-runtime-cognito-identity']),
    clientContext: parsed(headers['lambda-runtime-client-context']),
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    done,
    succeed: (value) => done(null, value),
    fail: (error) => done(error || new Error('handled')),
  };
}

// Settles when the handler has answered: by its promise, its callback, or an event loop with nothing left in it.
function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const settle = (error, value) => (error !== null && error !== undefined ? reject(error) : resolve(value));
    const empty = () => settle(null, null);
    const over = (now) => (error, value) => {
      process.removeListener('beforeExit', empty);
      if (now() || error) settle(error, value);
      else process.once('beforeExit', () => settle(error, value));
    };
    const context = contextOf(headers, over(() => !context.callbackWaitsForEmptyEventLoop));
    process.once('beforeExit', empty);
    const callback = over(() => !context.callbackWaitsForEmptyEventLoop);
    const result = handler(event, context, callback);
    if (result && typeof result.then === 'function') {
      const now = over(() => true);
      result.then((value) => now(null, value), (error) => { process.removeListener('beforeExit', empty); reject(error); });
    }
  });
}

async function last(name, error) {
  const found = new Fault(name, error && error.message !== undefined ? String(error.message) : String(error));
  found.stack = (error && error.stack) || '';
  const where = requestId ? `invocation/${requestId}/error` : 'init/error';
  logError('Uncaught Exception \t', found);
  await report(where, found);
  process.exit(129);
}

globalThis.awslambda = {
  streamifyResponse() {
    throw new Fault('Runtime.Unsupported', 'vpclab does not serve response streaming yet');
  },
};

let handler;
try {
  handler = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
} catch (error) {
  logError('Uncaught Exception \t', error);
  await report('init/error', error);
  process.exit(1);
}
process.on('uncaughtException', (error) => last(error && error.name ? error.name : 'Error', error));
process.on('unhandledRejection', (error) => last('Runtime.UnhandledPromiseRejection', error));

async function next() {
  const taken = await call('GET', 'invocation/next');
  requestId = taken.headers['lambda-runtime-aws-request-id'];
  const trace = taken.headers['lambda-runtime-trace-id'];
  if (trace) process.env._X_AMZN_TRACE_ID = trace;
  else delete process.env._X_AMZN_TRACE_ID;
  const where = `invocation/${requestId}/`;
  let body;
  try {
    const value = await run(handler, JSON.parse(taken.body), taken.headers);
    try {
      body = JSON.stringify(value === undefined ? null : value);
      if (body === undefined) body = 'null';
    } catch (error) {
      throw new Fault('Runtime.MarshalError', `Unable to stringify response body as JSON: ${error.message}`);
    }
  } catch (error) {
    logError('Invoke Error \t', error);
    await report(where + 'error', error);
    setImmediate(next);
    return;
  }
  await call('POST', where + 'response', body, { 'Content-Type': 'application/json' });
  setImmediate(next);
}
next();
