//! A [`Publisher`] on an SNS topic.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;

use super::reason;
use crate::publisher::MessageAttribute;
use crate::{Failure, Message, Publisher};

/// An SNS topic, standard or FIFO.
#[derive(Clone, Debug)]
pub struct SnsTopic {
    client: Client,
    arn: String,
}

impl SnsTopic {
    /// The topic with that ARN.
    pub fn new(client: Client, arn: &str) -> Self {
        let arn = arn.to_owned();
        Self { client, arn }
    }
}

impl Publisher for SnsTopic {
    async fn publish(&self, message: &Message) -> Result<(), Failure> {
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .message(&message.body);
        for (name, value) in &message.attributes {
            request = request.message_attributes(name, attribute(value)?);
        }
        // A FIFO topic demands both: order within a conversation, and the event's own id against a repeated publish.
        if self.arn.ends_with(".fifo") {
            request = request
                .message_group_id(&message.correlation_id)
                .message_deduplication_id(&message.event_id);
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
    };
    MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(value)
        .build()
        .map_err(|error| Failure::malformed(error.to_string()))
}
