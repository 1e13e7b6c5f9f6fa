// The payment service, as functions/payment: an order in, its payment stored once, the outcome published.

import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

import { amount, consumer, currency, email, ifAbsent, text } from './consumer.mjs';

const dynamo = new DynamoDBClient({});
const sns = new SNSClient({});
const PUBLISHES = JSON.parse(process.env.PUBLISHES);

export const handler = consumer(async (event) => {
  const order = check(event);
  const now = new Date().toISOString();
  const { topicArn, version } = PUBLISHES.PaymentCompleted;
  const outcome = {
    eventId: `${event.eventId}:payment-outcome`,
    eventType: 'PaymentCompleted',
    eventVersion: version,
    source: `${process.env.SERVICE_NAME}-service`,
    occurredAt: now,
    correlationId: event.correlationId,
    data: {
      amount: order.totalAmount,
      currency: order.currency,
      customerEmail: order.customerEmail,
      orderId: order.orderId,
    },
  };
  let message = JSON.stringify(outcome);
  let handled = 'processed';
  try {
    await dynamo.send(new PutItemCommand(ifAbsent({
      orderId: { S: order.orderId },
      eventId: { S: event.eventId },
      status: { S: 'APPROVED' },
      amount: { N: String(order.totalAmount) },
      currency: { S: order.currency },
      occurredAt: { S: now },
      correlationId: { S: event.correlationId },
      outcomeEventId: { S: outcome.eventId },
      outcomeEventType: { S: outcome.eventType },
      outcomeEvent: { S: message },
    })));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) {
      throw error;
    }
    message = error.Item.outcomeEvent.S;
    handled = 'duplicate';
  }
  await sns.send(new PublishCommand({
    TopicArn: topicArn,
    Message: message,
    MessageAttributes: {
      eventType: { DataType: 'String', StringValue: outcome.eventType },
      eventVersion: { DataType: 'String', StringValue: outcome.eventVersion },
    },
  }));
  return handled;
});

const check = ({ eventType, data }) => {
  if (eventType !== 'OrderCreated') {
    throw new Error(`no step reads ${eventType}`);
  }
  text(data, 'orderId', 1);
  email(data, 'customerEmail');
  if (!Array.isArray(data.items) || data.items.length < 1 || data.items.length > 100) {
    throw new Error('`items` must be a list of 1 to 100');
  }
  for (const item of data.items) {
    text(item, 'sku', 1, 64);
    if (!Number.isInteger(item.quantity) || item.quantity < 1 || item.quantity > 10_000) {
      throw new Error('`quantity` must be a whole number from 1 to 10000');
    }
    amount(item, 'price');
  }
  amount(data, 'totalAmount');
  currency(data, 'currency');
  return data;
};
