//! A [`Store`] on a DynamoDB table.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    self, AttributeValue, CancellationReason, ReturnValuesOnConditionCheckFailure,
};

use super::reason;
use crate::config::Table;
use crate::once::Outcome;
use crate::outbox::{self, Outbox};
use crate::{Attribute, Failure, Item, Put, Store, Timestamp};

/// A DynamoDB table whose partition key is one text attribute.
#[derive(Clone, Debug)]
pub struct DynamoTable {
    client: Client,
    table: Table,
}

impl DynamoTable {
    /// That table.
    pub fn new(client: Client, table: Table) -> Self {
        Self { client, table }
    }

    fn key(&self, key: &str) -> (String, AttributeValue) {
        (self.table.key.clone(), AttributeValue::S(key.to_owned()))
    }

    fn key_of(&self, item: &Item) -> Result<String, Failure> {
        let name = &self.table.key;
        let key = item.get_text(name).map(str::to_owned);
        key.ok_or_else(|| Failure::malformed(format!("the item has no text key `{name}`")))
    }

    /// The item that took the key, as DynamoDB returned it with its refusal.
    async fn existing(
        &self,
        key: &str,
        returned: Option<HashMap<String, AttributeValue>>,
    ) -> Result<Item, Failure> {
        match returned {
            Some(existing) => read(existing),
            // An endpoint that cannot return it, or a duplicate that was deleted in between.
            None => self
                .get(key)
                .await?
                .ok_or_else(|| Failure::unavailable(format!("the item `{key}` came and went"))),
        }
    }
}

impl Store for DynamoTable {
    async fn put_if_absent(&self, item: Item) -> Result<Put, Failure> {
        let key = self.key_of(&item)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(values(item)))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", &self.table.key)
            // Saves reading the item that was there first.
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = Box::pin(put.send()).await;
        let error = match put {
            Ok(_) => return Ok(Put::Stored),
            Err(error) => error,
        };
        let Some(PutItemError::ConditionalCheckFailedException(taken)) = error.as_service_error()
        else {
            return Err(failure("dynamodb:PutItem", &error));
        };
        let existing = taken.item().cloned();
        Ok(Put::Duplicate(self.existing(&key, existing).await?))
    }

    async fn put_with_event(&self, item: Item, event: &Outcome) -> Result<Put, Failure> {
        let key = self.key_of(&item)?;
        let mut transaction = self.client.transact_write_items();
        for item in [item, outbox::record(event, &self.table)] {
            let put = types::Put::builder()
                .table_name(&self.table.name)
                .set_item(Some(values(item)))
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", &self.table.key)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .build()
                .map_err(|error| Failure::malformed(error.to_string()))?;
            transaction =
                transaction.transact_items(types::TransactWriteItem::builder().put(put).build());
        }
        let error = match Box::pin(transaction.send()).await {
            Ok(_) => return Ok(Put::Stored),
            Err(error) => error,
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        else {
            return Err(failure("dynamodb:TransactWriteItems", &error));
        };
        let taken = |reason: &&CancellationReason| reason.code() == Some("ConditionalCheckFailed");
        let mut reasons = cancelled.cancellation_reasons().iter();
        let (item_taken, event_taken) = (reasons.next(), reasons.next());
        match (item_taken.filter(taken), event_taken.filter(taken)) {
            (Some(reason), _) => {
                let existing = self.existing(&key, reason.item.clone()).await?;
                // Stored while there was no outbox, it may have died before it was published.
                let event = Outcome::stored(&existing)?;
                self.put_if_absent(outbox::record(&event, &self.table))
                    .await?;
                Ok(Put::Duplicate(existing))
            }
            (None, Some(_)) => Err(outbox::without_its_item(event.event_id())),
            // Another attempt at the same item, at this very moment.
            (None, None) => Err(failure("dynamodb:TransactWriteItems", &error)),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Item>, Failure> {
        let (name, value) = self.key(key);
        let get = self
            .client
            .get_item()
            .table_name(&self.table.name)
            .key(name, value)
            .consistent_read(true);
        let found = Box::pin(get.send()).await;
        let found = found.map_err(|error| failure("dynamodb:GetItem", &error))?;
        found.item.map(read).transpose()
    }

    async fn set_status(&self, key: &str, status: &str) -> Result<(), Failure> {
        let (name, value) = self.key(key);
        let update = self
            .client
            .update_item()
            .table_name(&self.table.name)
            .key(name, value)
            // Without the condition DynamoDB would make a new item of nothing but a status.
            .condition_expression("attribute_exists(#key)")
            .update_expression("SET #status = :status")
            .expression_attribute_names("#key", &self.table.key)
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", AttributeValue::S(status.to_owned()));
        match Box::pin(update.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(failure("dynamodb:UpdateItem", &error)),
        }
    }
}

impl Outbox for DynamoTable {
    async fn mark_published(&self, event_id: &str, at: Timestamp) -> Result<(), Failure> {
        let (name, value) = self.key(&outbox::key(event_id));
        let sort_key = self.table.sort_key.iter();
        let sort_key =
            sort_key.map(|name| (name.clone(), AttributeValue::S(outbox::SORT_KEY.to_owned())));
        let update = self
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(sort_key.chain([(name, value)]).collect()))
            // What TTL has taken away does not come back as a mark.
            .condition_expression("attribute_exists(#key)")
            .update_expression("SET #at = :at")
            .expression_attribute_names("#key", &self.table.key)
            .expression_attribute_names("#at", outbox::PUBLISHED_AT)
            .expression_attribute_values(":at", AttributeValue::S(at.to_string()));
        match Box::pin(update.send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(is_gone) => Ok(()),
            Err(error) => Err(failure("dynamodb:UpdateItem", &error)),
        }
    }
}

fn is_gone(error: &UpdateItemError) -> bool {
    matches!(error, UpdateItemError::ConditionalCheckFailedException(_))
}

fn values(item: Item) -> HashMap<String, AttributeValue> {
    let values = item.into_iter();
    values.map(|(name, value)| (name, written(value))).collect()
}

fn failure(action: &str, error: &dyn std::error::Error) -> Failure {
    Failure::unavailable(format!("{action}: {}", reason(error)))
}

fn written(value: Attribute) -> AttributeValue {
    match value {
        Attribute::Text(text) => AttributeValue::S(text),
        Attribute::Number(text) => AttributeValue::N(text),
        Attribute::Bool(value) => AttributeValue::Bool(value),
        Attribute::Null => AttributeValue::Null(true),
        Attribute::List(values) => AttributeValue::L(values.into_iter().map(written).collect()),
        Attribute::Map(values) => AttributeValue::M(
            values
                .into_iter()
                .map(|(name, value)| (name, written(value)))
                .collect(),
        ),
    }
}

fn read(values: HashMap<String, AttributeValue>) -> Result<Item, Failure> {
    Ok(read_map(values)?.into())
}

fn read_map(
    values: HashMap<String, AttributeValue>,
) -> Result<BTreeMap<String, Attribute>, Failure> {
    let pairs = values.into_iter();
    pairs
        .map(|(name, value)| Ok((name, read_value(value)?)))
        .collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK's enum is open; the rest are binary values and sets, which the kit never writes"
)]
fn read_value(value: AttributeValue) -> Result<Attribute, Failure> {
    Ok(match value {
        AttributeValue::S(text) => Attribute::Text(text),
        AttributeValue::N(text) => Attribute::Number(text),
        AttributeValue::Bool(value) => Attribute::Bool(value),
        AttributeValue::Null(_) => Attribute::Null,
        AttributeValue::L(values) => Attribute::List(
            values
                .into_iter()
                .map(read_value)
                .collect::<Result<_, _>>()?,
        ),
        AttributeValue::M(values) => Attribute::Map(read_map(values)?),
        _ => {
            return Err(Failure::malformed(
                "the item holds a type of value that is not supported",
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::RawEnvelope;
    use crate::aws::wire::Wire;
    use crate::failure::Kind;
    use crate::once::OUTCOME;

    #[test]
    fn an_item_comes_back_as_it_was_written() {
        let line = Item::new().text("sku", "A").number("price", "0.30");
        let item = Item::new()
            .text("orderId", "o-1")
            .number("total", "900")
            .with("lines", Attribute::List(vec![line.into(), Attribute::Null]))
            .with("paid", Attribute::Bool(true));
        let stored = item
            .clone()
            .into_iter()
            .map(|(name, value)| (name, written(value)))
            .collect();
        assert_eq!(read(stored), Ok(item));
    }

    const EVENT: &str = r#"{"eventId":"e-1","eventType":"Sold","eventVersion":"1.0","source":"s","occurredAt":"2026-01-01T00:00:00.000Z","correlationId":"c-1","data":{}}"#;

    fn event() -> Outcome {
        Outcome::of(&RawEnvelope::parse(EVENT).unwrap()).unwrap()
    }

    fn table(wire: &Wire) -> DynamoTable {
        let config = aws_sdk_dynamodb::Config::from(&wire.config());
        let table = Table {
            ttl: Some("expiresAt".into()),
            ..Table::new("Sales", "saleId")
        };
        DynamoTable::new(Client::from_conf(config), table)
    }

    fn sale() -> Item {
        Item::new().text("saleId", "s-1").text(OUTCOME, EVENT)
    }

    fn done() -> (u16, String) {
        (200, "{}".to_owned())
    }

    fn refused(name: &str, rest: Value) -> (u16, String) {
        let mut body = json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"),
            "message": "refused",
        });
        body.as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        (400, body.to_string())
    }

    fn cancelled(reasons: Value) -> (u16, String) {
        refused(
            "TransactionCanceledException",
            json!({ "CancellationReasons": reasons }),
        )
    }

    #[tokio::test]
    async fn an_item_and_its_event_go_in_one_transaction_and_only_where_their_keys_are_free() {
        let wire = Wire::answering([done()]);
        let put = table(&wire).put_with_event(sale(), &event()).await;
        assert_eq!(put, Ok(Put::Stored));
        let put = |item: Value| {
            json!({ "Put": {
                "TableName": "Sales",
                "Item": item,
                "ConditionExpression": "attribute_not_exists(#key)",
                "ExpressionAttributeNames": { "#key": "saleId" },
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            } })
        };
        let sent = &wire.sent()[0].json;
        assert_eq!(
            sent["TransactItems"],
            json!([
                put(json!({ "saleId": { "S": "s-1" }, "outcomeEvent": { "S": EVENT } })),
                put(json!({
                    "saleId": { "S": "outbox#e-1" },
                    "eventType": { "S": "Sold" },
                    "event": { "S": EVENT },
                    "expiresAt": { "N": "1769817600" },
                })),
            ])
        );
        assert!(
            sent["ClientRequestToken"].is_string(),
            "a lost answer may be asked for again"
        );
    }

    #[tokio::test]
    async fn a_duplicate_is_returned_and_what_it_tells_of_is_in_the_outbox_afterwards() {
        let item = json!({ "saleId": { "S": "s-1" }, "outcomeEvent": { "S": EVENT } });
        let taken = json!({ "Code": "ConditionalCheckFailed", "Item": item });
        for record in [
            done(),
            refused("ConditionalCheckFailedException", json!({ "Item": item })),
        ] {
            let answer = cancelled(json!([taken, { "Code": "None" }]));
            let wire = Wire::answering([answer, record]);
            let put = table(&wire).put_with_event(sale(), &event()).await;
            assert_eq!(put, Ok(Put::Duplicate(sale())));
            assert_eq!(wire.sent()[1].json["Item"]["saleId"]["S"], "outbox#e-1");
        }
    }

    #[tokio::test]
    async fn a_transaction_that_fails_for_another_reason_is_a_failure() {
        let said = async |reasons: Value| {
            let wire = Wire::answering([cancelled(reasons)]);
            let put = table(&wire).put_with_event(sale(), &event()).await;
            let failure = put.unwrap_err();
            (failure.kind(), failure.to_string())
        };
        let none = json!({ "Code": "None" });
        let (kind, text) = said(json!([none, { "Code": "ConditionalCheckFailed" }])).await;
        assert_eq!(kind, Kind::Malformed);
        assert!(
            text.starts_with("the outbox has the event `e-1` already"),
            "{text}"
        );
        let (kind, text) = said(json!([{ "Code": "TransactionConflict" }, none])).await;
        assert_eq!(kind, Kind::Unavailable);
        assert!(text.starts_with("dynamodb:TransactWriteItems: "), "{text}");
    }

    #[tokio::test]
    async fn a_published_event_is_marked_unless_it_is_gone() {
        let wire = Wire::answering([
            done(),
            refused("ConditionalCheckFailedException", json!({})),
            refused("ResourceNotFoundException", json!({})),
        ]);
        let mut table = table(&wire);
        table.table.sort_key = Some("line".into());
        let at = Timestamp::from_epoch_millis(1_767_225_600_000).unwrap();
        assert_eq!(table.mark_published("e-1", at).await, Ok(()));
        assert_eq!(table.mark_published("e-1", at).await, Ok(()));
        assert!(table.mark_published("e-1", at).await.is_err());

        let sent = &wire.sent()[0].json;
        let key = json!({ "saleId": { "S": "outbox#e-1" }, "line": { "S": "outbox" } });
        assert_eq!(sent["Key"], key);
        assert_eq!(
            sent["ExpressionAttributeValues"][":at"]["S"],
            "2026-01-01T00:00:00.000Z"
        );
    }
}
