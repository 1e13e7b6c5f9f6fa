//! Which records of a batch must wait for each other.
//!
//! On a standard queue none: each record is a lane of its own. On a FIFO queue those of one message group share a
//! lane: they run in order, and nothing may pass one that failed.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsMessage;

/// The batch as lanes: lanes run side by side, the records of one lane after each other.
pub(crate) fn lanes(records: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
    let mut lanes: Vec<Vec<SqsMessage>> = Vec::new();
    let mut lane_of_group: BTreeMap<String, usize> = BTreeMap::new();
    for record in records {
        let lane = match group(&record) {
            Some(group) => *lane_of_group.entry(group).or_insert(lanes.len()),
            None => lanes.len(),
        };
        match lanes.get_mut(lane) {
            Some(lane) => lane.push(record),
            None => lanes.push(vec![record]),
        }
    }
    lanes
}

/// The message group, where it means order: a standard queue may carry group ids too, for fairness only.
fn group(record: &SqsMessage) -> Option<String> {
    let fifo = record.event_source_arn.as_ref()?.ends_with(".fifo");
    fifo.then(|| {
        record
            .attributes
            .get("MessageGroupId")
            .cloned()
            .unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, queue: &str, group: &str) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(id.to_owned());
        record.event_source_arn = Some(format!("arn:aws:sqs:eu-west-1:123456789012:{queue}"));
        record
            .attributes
            .insert("MessageGroupId".into(), group.into());
        record
    }

    fn ids(records: Vec<SqsMessage>) -> Vec<Vec<String>> {
        let lane = |lane: Vec<SqsMessage>| lane.into_iter().filter_map(|record| record.message_id);
        lanes(records)
            .into_iter()
            .map(|records| lane(records).collect())
            .collect()
    }

    #[test]
    fn a_group_is_a_lane_where_order_matters() {
        let records = [("1", "a"), ("2", "b"), ("3", "a")];
        let of = |queue| ids(records.map(|(id, group)| record(id, queue, group)).to_vec());
        assert_eq!(of("q.fifo"), [vec!["1", "3"], vec!["2"]]);
        assert_eq!(of("q"), [["1"], ["2"], ["3"]], "fairness is not order");
    }
}
