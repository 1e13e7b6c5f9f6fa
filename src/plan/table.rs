//! `table = { … }`: the DynamoDB table of a service.

use super::builder::Builder;
use super::{Removal, Section, TableRef, key, logical_id};
use crate::aws::dynamodb::{AttributeDefinition, KeySchema, PointInTimeRecovery, Sse, Table};
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
    let resource = builder.add(
        section,
        table.span,
        id.clone(),
        Table {
            attribute_definitions: vec![AttributeDefinition {
                attribute_name: table.key.to_string(),
                attribute_type: "S",
            }],
            billing_mode: "PAY_PER_REQUEST",
            deletion_protection_enabled: keep,
            key_schema: vec![KeySchema {
                attribute_name: table.key.to_string(),
                key_type: "HASH",
            }],
            point_in_time_recovery_specification: PointInTimeRecovery {
                point_in_time_recovery_enabled: true,
            },
            sse_specification: Sse {
                sse_enabled: true,
                sse_type: customer_key.as_ref().map(|_| "KMS"),
                kms_master_key_id: customer_key,
            },
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
