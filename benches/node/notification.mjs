// The notification service, as functions/notification: an outcome in, the note to the customer stored once.

import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

import { amount, consumer, currency, email, ifAbsent, text } from './consumer.mjs';

const dynamo = new DynamoDBClient({});
const NOTES = {
  PaymentCompleted: (data) => `Your payment of ${sum(data)} for order ${data.orderId} was received.`,
  PaymentFailed: (data) => `Your payment of ${sum(data)} for order ${data.orderId} failed: ${reason(data)}.`,
  InventoryReserved: (data) => `All items of order ${data.orderId} are reserved for you.`,
  InventoryFailed: (data) => `Order ${data.orderId} cannot be filled: ${reason(data)}.`,
};

export const handler = consumer(async (event) => {
  const note = NOTES[event.eventType];
  if (note === undefined) {
    throw new Error(`no step reads ${event.eventType}`);
  }
  text(event.data, 'orderId', 1);
  email(event.data, 'customerEmail');
  try {
    await dynamo.send(new PutItemCommand(ifAbsent({
      eventId: { S: event.eventId },
      type: { S: event.eventType },
      correlationId: { S: event.correlationId },
      createdAt: { S: new Date().toISOString() },
      orderId: { S: event.data.orderId },
      recipient: { S: event.data.customerEmail },
      message: { S: note(event.data) },
    })));
    return 'processed';
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) {
      throw error;
    }
    return 'duplicate';
  }
});

const sum = (data) => {
  amount(data, 'amount');
  currency(data, 'currency');
  return `${data.amount.toFixed(data.currency === 'JPY' ? 0 : 2)} ${data.currency}`;
};

const reason = (data) => {
  text(data, 'reason', 1);
  return data.reason;
};
