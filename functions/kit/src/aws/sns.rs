//! A [`Publisher`] on SNS topics.

use std::collections::HashMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::http::HttpRequest;
use aws_sdk_sns::operation::publish_batch::{PublishBatchError, PublishBatchOutput};
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};

use super::reason;
use crate::publisher::MessageAttribute;
use crate::{Failure, Message, Publisher, calls, trace};

/// SNS topics, standard or FIFO: each message names its own.
#[derive(Clone, Debug)]
pub struct SnsPublisher(Client);

impl SnsPublisher {
    /// A publisher through that client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Publishes messages of one topic in one call.
    async fn publish_call(&self, messages: &[&Message]) -> Vec<Result<(), Failure>> {
        let all = |failure: Failure| messages.iter().map(|_| Err(failure.clone())).collect();
        let entries = messages.iter().enumerate();
        let entries = entries.map(|(at, message)| entry(at, message));
        let entries: Vec<_> = match entries.collect() {
            Ok(entries) => entries,
            Err(failure) => return all(failure),
        };
        let request = self
            .0
            .publish_batch()
            .set_topic_arn(messages.first().map(|message| message.topic_arn.clone()))
            .set_publish_batch_request_entries(Some(entries));
        let request = request.customize().mutate_request(carry_trace());
        match Box::pin(request.send()).await {
            Ok(output) => {
                let mut results = results(output);
                let result = |at: usize| results.remove(&at.to_string()).unwrap_or_else(silence);
                (0..messages.len()).map(result).collect()
            }
            // An entry that SNS takes for invalid, or one too many for a topic with a lower limit, costs the others nothing.
            Err(error) if error.as_service_error().is_some_and(is_about_entries) => {
                let mut results = Vec::new();
                for message in messages {
                    results.push(self.publish(message).await);
                }
                results
            }
            Err(error) => {
                let why = reason(&error);
                all(Failure::unavailable(format!("sns:PublishBatch: {why}")))
            }
        }
    }
}

impl Publisher for SnsPublisher {
    async fn publish(&self, message: &Message) -> Result<(), Failure> {
        let request = self
            .0
            .publish()
            .topic_arn(&message.topic_arn)
            .message(&message.body)
            .set_message_group_id(message.group.clone())
            .set_message_deduplication_id(message.deduplication.clone())
            .set_message_attributes(Some(attributes(message)?));
        let request = request.customize().mutate_request(carry_trace());
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::unavailable(format!(
                "sns:Publish: {}",
                reason(&error)
            ))),
        }
    }

    async fn publish_all(&self, messages: &[Message]) -> Vec<Result<(), Failure>> {
        calls::make(messages, async |call| self.publish_call(call).await).await
    }
}

/// Puts the trace of the current work on a call. Without one the SDK itself puts that of the invocation, if it is traced.
fn carry_trace() -> impl Fn(&mut HttpRequest) + Clone {
    let trace = trace::current();
    move |request| {
        if let Some(trace) = &trace {
            request
                .headers_mut()
                .insert("x-amzn-trace-id", trace.to_string());
        }
    }
}

/// How each entry went, by its id. SNS answers 200 though entries fail.
fn results(output: PublishBatchOutput) -> HashMap<String, Result<(), Failure>> {
    let successful = output.successful.into_iter().flatten();
    let successful = successful.filter_map(|entry| Some((entry.id?, Ok(()))));
    let failed = output.failed.into_iter().flatten().map(|entry| {
        let why = entry.message.unwrap_or_default();
        let what = format!("sns:PublishBatch: {}: {why}", entry.code);
        let failure = if entry.sender_fault {
            Failure::malformed(what)
        } else {
            Failure::unavailable(what)
        };
        (entry.id, Err(failure))
    });
    successful.chain(failed).collect()
}

fn silence() -> Result<(), Failure> {
    Err(Failure::unavailable(
        "sns:PublishBatch: the answer does not say what became of this message",
    ))
}

/// Whether SNS refuses the call for what one of its messages is; all other errors are about the call.
fn is_about_entries(error: &PublishBatchError) -> bool {
    matches!(
        error,
        PublishBatchError::BatchRequestTooLongException(_)
            | PublishBatchError::InvalidParameterException(_)
            | PublishBatchError::InvalidParameterValueException(_)
            | PublishBatchError::ValidationException(_)
    )
}

fn entry(at: usize, message: &Message) -> Result<PublishBatchRequestEntry, Failure> {
    PublishBatchRequestEntry::builder()
        .id(at.to_string())
        .message(&message.body)
        .set_message_group_id(message.group.clone())
        .set_message_deduplication_id(message.deduplication.clone())
        .set_message_attributes(Some(attributes(message)?))
        .build()
        .map_err(|error| Failure::malformed(error.to_string()))
}

fn attributes(message: &Message) -> Result<HashMap<String, MessageAttributeValue>, Failure> {
    let attributes = message.attributes.iter();
    attributes
        .map(|(name, value)| Ok((name.clone(), attribute(value)?)))
        .collect()
}

fn attribute(attribute: &MessageAttribute) -> Result<MessageAttributeValue, Failure> {
    let (data_type, value) = attribute.parts();
    MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(value)
        .build()
        .map_err(|error| Failure::malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::aws::wire::Wire;
    use crate::failure::Kind;

    fn message(id: &str) -> Message {
        Message {
            topic_arn: "arn:aws:sns:eu-west-1:123456789012:orders".into(),
            event_id: id.into(),
            body: format!(r#"{{"eventId":"{id}"}}"#),
            attributes: BTreeMap::from([
                ("eventType".into(), MessageAttribute::Text("Sold".into())),
                ("total".into(), MessageAttribute::Number("12.50".into())),
            ]),
            group: None,
            deduplication: None,
        }
    }

    fn publisher(wire: &Wire) -> SnsPublisher {
        let config = aws_sdk_sns::Config::from(&wire.config());
        SnsPublisher::new(Client::from_conf(config))
    }

    /// An answer to PublishBatch, as SNS gives it.
    fn answer(successful: &str, failed: &str) -> String {
        format!(
            r#"<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <PublishBatchResult>
    <Failed>{failed}</Failed>
    <Successful>{successful}</Successful>
  </PublishBatchResult>
  <ResponseMetadata><RequestId>d5b8a1f2-0000-5000-8000-000000000000</RequestId></ResponseMetadata>
</PublishBatchResponse>"#
        )
    }

    const PUBLISHED: &str = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <PublishResult><MessageId>m</MessageId></PublishResult>
</PublishResponse>"#;

    fn success(id: usize) -> String {
        format!("<member><Id>{id}</Id><MessageId>m-{id}</MessageId></member>")
    }

    fn failure(id: usize, code: &str, message: &str, sender: bool) -> String {
        format!(
            "<member><Code>{code}</Code><Id>{id}</Id><Message>{message}</Message><SenderFault>{sender}</SenderFault></member>"
        )
    }

    fn error(code: &str, message: &str) -> String {
        format!(
            r#"<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>
  <RequestId>d5b8a1f2-0000-5000-8000-000000000000</RequestId>
</ErrorResponse>"#
        )
    }

    #[tokio::test]
    async fn a_call_carries_every_message_with_its_attributes() {
        let wire = Wire::answering([(200, answer(&(success(0) + &success(1)), ""))]);
        let results = publisher(&wire)
            .publish_all(&[message("e-0"), message("e-1")])
            .await;
        assert_eq!(results, [Ok(()), Ok(())]);

        let sent = wire.sent();
        assert_eq!(sent.len(), 1);
        let form = &sent[0].form;
        let has = |name: &str, value: &str| assert_eq!(form[name], value, "{name}");
        has("Action", "PublishBatch");
        has("TopicArn", "arn:aws:sns:eu-west-1:123456789012:orders");
        let entry = |n: usize, rest: &str| format!("PublishBatchRequestEntries.member.{n}.{rest}");
        has(&entry(1, "Id"), "0");
        has(&entry(2, "Id"), "1");
        has(&entry(2, "Message"), r#"{"eventId":"e-1"}"#);
        let types: Vec<&String> = (1..=2)
            .map(|n| &form[&entry(2, &format!("MessageAttributes.entry.{n}.Value.DataType"))])
            .collect();
        assert!(types.contains(&&"String".to_owned()) && types.contains(&&"Number".to_owned()));
    }

    #[tokio::test]
    async fn entries_that_fail_on_an_answer_of_200_fail_alone() {
        let failed = failure(0, "InternalError", "try again", false)
            + &failure(
                2,
                "InvalidParameter",
                "Invalid parameter: Message too long",
                true,
            );
        let wire = Wire::answering([(200, answer(&success(1), &failed))]);
        let messages = ["e-0", "e-1", "e-2", "e-3"].map(message);
        let results = publisher(&wire).publish_all(&messages).await;
        let said: Vec<_> = results
            .iter()
            .map(|result| result.as_ref().map_err(|f| (f.kind(), f.to_string())))
            .collect();
        let failed = |kind, text: &str| Err((kind, format!("sns:PublishBatch: {text}")));
        assert_eq!(
            said,
            [
                failed(Kind::Unavailable, "InternalError: try again"),
                Ok(&()),
                failed(
                    Kind::Malformed,
                    "InvalidParameter: Invalid parameter: Message too long"
                ),
                failed(
                    Kind::Unavailable,
                    "the answer does not say what became of this message"
                ),
            ]
        );
    }

    #[tokio::test]
    async fn a_call_that_is_refused_for_one_entry_is_made_for_each_alone() {
        let wire = Wire::answering([
            (400, error("BatchRequestTooLong", "too long")),
            (200, PUBLISHED.to_owned()),
            (
                400,
                error("InvalidParameter", "Invalid parameter: Message too long"),
            ),
        ]);
        let results = publisher(&wire)
            .publish_all(&[message("e-0"), message("e-1")])
            .await;
        assert_eq!(results[0], Ok(()));
        let said = results[1].as_ref().unwrap_err().to_string();
        assert!(
            said.starts_with("sns:Publish: ") && said.contains("Message too long"),
            "{said}"
        );
        let actions: Vec<String> = wire
            .sent()
            .into_iter()
            .map(|sent| sent.form["Action"].clone())
            .collect();
        assert_eq!(actions, ["PublishBatch", "Publish", "Publish"]);
    }

    #[tokio::test]
    async fn a_call_that_fails_fails_for_all_of_its_messages() {
        let denied = error("AuthorizationError", "not authorized");
        let wire = Wire::answering([(403, denied)]);
        let results = publisher(&wire)
            .publish_all(&[message("e-0"), message("e-1")])
            .await;
        for result in results {
            let failure = result.unwrap_err();
            assert_eq!(failure.kind(), Kind::Unavailable);
            assert!(failure.to_string().contains("not authorized"), "{failure}");
        }
        assert_eq!(wire.sent().len(), 1);
    }

    #[tokio::test]
    async fn what_is_published_carries_the_trace_of_the_work() {
        let wire = Wire::answering([
            (200, answer(&success(0), "")),
            (200, PUBLISHED.to_owned()),
            (200, PUBLISHED.to_owned()),
        ]);
        let publisher = publisher(&wire);
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let work = async {
            publisher.publish_all(&[message("e-0")]).await.remove(0)?;
            publisher.publish(&message("e-1")).await
        };
        assert_eq!(
            trace::within(trace::Trace::parse(header), work).await,
            Ok(())
        );
        assert_eq!(publisher.publish(&message("e-2")).await, Ok(()));

        let carried: Vec<Option<String>> = wire.sent().into_iter().map(|sent| sent.trace).collect();
        assert_eq!(
            carried,
            [Some(header.to_owned()), Some(header.to_owned()), None]
        );
    }
}
