//! A [`Publisher`] on SNS topics.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;

use super::reason;
use crate::publisher::MessageAttribute;
use crate::{Failure, Message, Publisher};

/// SNS topics, standard or FIFO: each message names its own.
#[derive(Clone, Debug)]
pub struct SnsPublisher(Client);

impl SnsPublisher {
    /// A publisher through that client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

impl Publisher for SnsPublisher {
    async fn publish(&self, message: &Message) -> Result<(), Failure> {
        let mut request = self
            .0
            .publish()
            .topic_arn(&message.topic_arn)
            .message(&message.body)
            .set_message_group_id(message.group.clone())
            .set_message_deduplication_id(message.deduplication.clone());
        for (name, value) in &message.attributes {
            request = request.message_attributes(name, attribute(value)?);
        }
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::unavailable(format!(
                "sns:Publish: {}",
                reason(&error)
            ))),
        }
    }
}

fn attribute(value: &MessageAttribute) -> Result<MessageAttributeValue, Failure> {
    let (data_type, value) = match value {
        MessageAttribute::Text(text) => ("String", text),
        MessageAttribute::Number(text) => ("Number", text),
        MessageAttribute::Array(json) => ("String.Array", json),
    };
    MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(value)
        .build()
        .map_err(|error| Failure::malformed(error.to_string()))
}
