//! `table = { … }`: the DynamoDB table of a service.

use super::{Builder, Removal, Section, TableRef, logical_id};
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
            sse_specification: Sse { sse_enabled: true },
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
