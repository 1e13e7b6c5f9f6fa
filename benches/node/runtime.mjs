// Lambda's side: `node runtime.mjs HANDLER` asks the Runtime API for events and answers it.
//
// A loop and nothing else, in Node's favour: the runtime that Lambda brings does this and more.

import http from 'node:http';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) => new Promise((resolve, reject) => {
  const request = http.request({ agent, host, port, method, path: `/2018-06-01/runtime/${path}` }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('error', reject);
    answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }));
  });
  request.setNoDelay(true);
  request.on('error', reject);
  request.end(body);
});

const { handler } = await import(process.argv[2]);
for (;;) {
  const event = await call('GET', 'invocation/next');
  const id = event.headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = event.headers['lambda-runtime-trace-id'] ?? '';
  try {
    const answer = await handler(JSON.parse(event.body.toString()), { awsRequestId: id });
    await call('POST', `invocation/${id}/response`, JSON.stringify(answer));
  } catch (error) {
    await call('POST', `invocation/${id}/error`, JSON.stringify({ errorMessage: error.message }));
  }
}
