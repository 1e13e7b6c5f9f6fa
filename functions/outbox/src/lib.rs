//! The relay of an outbox: records of a table's stream in, their events out, each marked as published. It serves every service
//! that has an outbox, and knows none of them.
//!
//! What is published counts, and what is marked does not: an event that is published twice is known by its id, one that is not
//! marked is published. A batch comes again from its first failed record on. If that is the first of all, the invocation
//! fails: then Lambda halves the batch, until the record that always fails stands alone and, once its time is up, goes to the
//! queue of failures by itself.

mod stream;

use futures_util::stream::{StreamExt, iter};
use topogen_kit::deadline::Deadline;
use topogen_kit::failure::Kind;
use topogen_kit::outbox::Outbox;
use topogen_kit::publishes::Publishes;
use topogen_kit::{Clock, Failure, Message, Publisher, batch, identity, metrics};

pub use stream::{Answer, Batch, Place, Record};

/// Marks that are written at once.
const CONCURRENCY: usize = 16;

/// The relay and what it reaches.
#[derive(Debug)]
pub struct Relay<O, P, C> {
    /// The records, to be marked.
    pub outbox: O,
    /// The topics.
    pub publisher: P,
    /// The time.
    pub clock: C,
    /// How each event is published.
    pub publishes: Publishes,
}

impl<O: Outbox, P: Publisher, C: Clock> Relay<O, P, C> {
    /// Publishes the events of a batch, and answers from where on it must come again.
    ///
    /// # Errors
    /// When its first record fails.
    pub async fn relay(&self, batch: Batch, deadline: Deadline) -> Result<Answer, Failure> {
        let deadline = deadline.less(batch::MARGIN);
        let (messages, unreadable) = self.messages(&batch);
        let published = deadline.limit(self.publisher.publish_all(&messages)).await;
        let mut results = published.unwrap_or_else(|| {
            let late = Failure::new(Kind::TimedOut, "the invocation's time ran out");
            vec![Err(late); messages.len()]
        });
        deadline.limit(self.mark(&messages, &results)).await;
        results.extend(unreadable.map(Err));

        for (record, result) in batch.records.iter().zip(&results) {
            report(record, result);
        }
        let mut results = results.into_iter().enumerate();
        let failed = results.find_map(|(at, result)| Some((at, result.err()?)));
        match failed {
            None => Ok(Answer::default()),
            Some((0, failure)) => Err(failure),
            Some((at, _)) => Ok(Answer::again_from(&batch.records[at])),
        }
    }

    /// The messages of all records up to the first that cannot be read, and what is wrong with that one. What is behind it
    /// comes again with it.
    fn messages(&self, batch: &Batch) -> (Vec<Message>, Option<Failure>) {
        let mut messages = Vec::new();
        for record in &batch.records {
            let event = record.event().map(str::to_owned);
            match event.and_then(|event| Message::from_wire(event, &self.publishes)) {
                Ok(message) => messages.push(message),
                Err(failure) => return (messages, Some(failure)),
            }
        }
        (messages, None)
    }

    /// Marks what was published. A mark that fails is no reason to publish again.
    async fn mark(&self, messages: &[Message], results: &[Result<(), Failure>]) {
        let published = messages.iter().zip(results);
        let published = published.filter(|(_, result)| result.is_ok());
        iter(published)
            .for_each_concurrent(CONCURRENCY, async |(message, _)| {
                let (id, now) = (&message.event_id, self.clock.now());
                if let Err(failure) = self.outbox.mark_published(id, now).await {
                    tracing::warn!(eventId = id, error = %failure, "event published, but not marked");
                }
            })
            .await;
    }
}

fn report(record: &Record, result: &Result<(), Failure>) {
    // At ERROR for the same reason as a queue's record: its fields belong on error lines too.
    let span = tracing::error_span!("record", sequenceNumber = record.sequence_number());
    span.in_scope(|| {
        identity::annotate(record.event().unwrap_or_default(), &[]);
        match result {
            Ok(()) => {
                tracing::info!("event published");
                metrics::count("EventsPublished", 1);
            }
            Err(failure) => {
                tracing::error!(failure = failure.kind().as_str(), error = %failure, "event not published");
                metrics::count("EventsNotPublished", 1);
            }
        }
    });
}
