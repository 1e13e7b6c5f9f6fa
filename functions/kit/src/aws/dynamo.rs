//! A [`Store`] on a DynamoDB table.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::reason;
use crate::config::Table;
use crate::{Attribute, Failure, Item, Put, Store};

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
}

impl Store for DynamoTable {
    async fn put_if_absent(&self, item: Item) -> Result<Put, Failure> {
        let key = item
            .get_text(&self.table.key)
            .map(str::to_owned)
            .ok_or_else(|| {
                Failure::malformed(format!("the item has no text key `{}`", self.table.key))
            })?;
        let values = item
            .into_iter()
            .map(|(name, value)| (name, written(value)))
            .collect();
        let put = self
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(values))
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
        match taken.item() {
            Some(existing) => Ok(Put::Duplicate(read(existing.clone())?)),
            // An endpoint that cannot return it, or a duplicate that was deleted in between.
            None => match self.get(&key).await? {
                Some(existing) => Ok(Put::Duplicate(existing)),
                None => Err(Failure::unavailable(format!(
                    "the item `{key}` came and went"
                ))),
            },
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
    use super::*;

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
}
