//! `table = { … }`: the DynamoDB table of a service.

use super::builder::Builder;
use super::{Removal, Section, TableRef, key, logical_id};
use crate::aws::dynamodb::{
    AttributeDefinition, KeySchema, PointInTimeRecovery, Sse, Stream, Table, TimeToLive,
};
use crate::model::Topology;
use crate::model::service::Service;

pub(super) fn lower(
    topology: &Topology,
    service: &Service,
    section: &Section,
    builder: &mut Builder<'_>,
) {
    let Some(table) = &service.table else { return };
    let keep = !topology.environment.ephemeral;
    let customer_key = key::of(&topology.app.encryption.value, section, builder);
    let id = logical_id::table(&table.name);
    let sort_key = table.sort_key.iter().map(|sort_key| (sort_key, "RANGE"));
    let keys: Vec<_> = std::iter::once((&table.key, "HASH"))
        .chain(sort_key)
        .collect();
    let resource = builder.add(
        section,
        table.span,
        id.clone(),
        Table {
            attribute_definitions: keys
                .iter()
                .map(|(name, _)| AttributeDefinition {
                    attribute_name: name.to_string(),
                    attribute_type: "S",
                })
                .collect(),
            billing_mode: "PAY_PER_REQUEST",
            deletion_protection_enabled: keep,
            key_schema: keys
                .iter()
                .map(|(name, key_type)| KeySchema {
                    attribute_name: name.to_string(),
                    key_type,
                })
                .collect(),
            point_in_time_recovery_specification: PointInTimeRecovery {
                point_in_time_recovery_enabled: true,
            },
            sse_specification: Sse {
                sse_enabled: true,
                sse_type: customer_key.as_ref().map(|_| "KMS"),
                kms_master_key_id: customer_key,
            },
            // The relay needs what was written, and nothing of what was there before.
            stream_specification: service.outbox.map(|_| Stream {
                stream_view_type: "NEW_IMAGE",
            }),
            time_to_live_specification: table.ttl.as_ref().map(|ttl| TimeToLive {
                attribute_name: ttl.to_string(),
                enabled: true,
            }),
        },
    );
    if keep {
        resource.removal = Some(Removal::Retain);
    }
    let reference = TableRef {
        table: id,
        key: table.key.to_string(),
    };
    builder.plan.tables.insert(service.name.clone(), reference);
}
