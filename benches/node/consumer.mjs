// What both handlers share: a batch of SQS in, the list of failed records out; events, logs, metrics.
//
// The checks are written by hand, since a library of schemas would cost start and throughput: in Node's favour.

const { APP_NAME, ENVIRONMENT_NAME, SERVICE_NAME, TABLE_KEY } = process.env;

/** A handler of SQS batches: `step` for each record, all at once; a record that fails fails alone. */
export const consumer = (step) => async (batch) => {
  const began = performance.now();
  const durations = [];
  const counts = { RecordsProcessed: 0, RecordsDuplicate: 0, RecordsFailed: 0 };
  const failures = await Promise.all(batch.Records.map(async (record) => {
    let identity = {};
    try {
      const event = read(record.body);
      identity = identityOf(event);
      const handled = await step(event);
      counts[handled === 'processed' ? 'RecordsProcessed' : 'RecordsDuplicate'] += 1;
      log('INFO', handled, record, identity);
      return undefined;
    } catch (error) {
      counts.RecordsFailed += 1;
      log('ERROR', 'failed', record, { ...identity, error: error.message });
      return { itemIdentifier: record.messageId };
    } finally {
      durations.push(performance.now() - began);
    }
  }));
  metrics(counts, durations);
  return { batchItemFailures: failures.filter((failure) => failure !== undefined) };
};

/** The event of a record, with or without SNS's envelope around it. */
const read = (body) => {
  let event = JSON.parse(body);
  if (event.Type === 'Notification' && typeof event.TopicArn === 'string') {
    event = JSON.parse(event.Message);
  }
  for (const name of ['eventId', 'eventType', 'eventVersion', 'source', 'occurredAt', 'correlationId']) {
    text(event, name, 1);
  }
  if (Number.isNaN(Date.parse(event.occurredAt))) {
    throw new Error('`occurredAt` is no time');
  }
  if (event.eventVersion.split('.')[0] !== '1') {
    throw new Error(`version ${event.eventVersion} cannot be read`);
  }
  object(event, 'data');
  return event;
};

const identityOf = (event) => ({
  eventId: event.eventId,
  correlationId: event.correlationId,
  source: event.source,
  eventType: event.eventType,
  occurredAt: event.occurredAt,
  orderId: event.data.orderId,
});

export const text = (of, name, least = 0, most = Infinity) => {
  const value = of[name];
  if (typeof value !== 'string' || value.length < least || value.length > most) {
    throw new Error(`\`${name}\` must be a text`);
  }
};

export const object = (of, name) => {
  if (typeof of[name] !== 'object' || of[name] === null || Array.isArray(of[name])) {
    throw new Error(`\`${name}\` must be an object`);
  }
};

export const amount = (of, name) => {
  if (typeof of[name] !== 'number' || of[name] <= 0) {
    throw new Error(`\`${name}\` must be a number above 0`);
  }
};

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export const email = (of, name) => {
  text(of, name, 3, 254);
  if (!EMAIL.test(of[name])) {
    throw new Error(`\`${name}\` must be an address`);
  }
};

export const currency = (of, name) => {
  text(of, name, 3, 3);
  if (!/^[A-Z]{3}$/.test(of[name])) {
    throw new Error(`\`${name}\` must be a currency`);
  }
};

/** The input of a PutItem that refuses a key that is taken, and returns what took it. */
export const ifAbsent = (item) => ({
  TableName: process.env.TABLE_NAME,
  Item: item,
  ConditionExpression: 'attribute_not_exists(#key)',
  ExpressionAttributeNames: { '#key': TABLE_KEY },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
});

const line = (fields) => process.stdout.write(`${JSON.stringify(fields)}\n`);

const log = (level, message, record, identity) => line({
  timestamp: new Date().toISOString(),
  level,
  message,
  messageId: record.messageId,
  receiveCount: Number(record.attributes.ApproximateReceiveCount),
  ...identity,
});

/** A line in CloudWatch's embedded metric format. */
const metrics = (counts, durations) => {
  const counted = Object.entries(counts).filter(([, count]) => count > 0);
  line({
    timestamp: new Date().toISOString(),
    level: 'INFO',
    message: 'metrics',
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{
        Namespace: APP_NAME,
        Dimensions: [['environment', 'service']],
        Metrics: [
          ...counted.map(([Name]) => ({ Name, Unit: 'Count' })),
          { Name: 'ProcessedDuration', Unit: 'Milliseconds' },
        ],
      }],
    },
    environment: ENVIRONMENT_NAME,
    service: SERVICE_NAME,
    ...Object.fromEntries(counted),
    ProcessedDuration: durations,
  });
};
