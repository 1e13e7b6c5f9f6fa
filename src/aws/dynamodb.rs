//! Amazon DynamoDB.

use serde::Serialize;

use super::value::Text;

/// `AWS::DynamoDB::Table`; on demand, encrypted with a key in KMS, restorable to any second of the last 35 days.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Table {
    /// Types of the key attributes.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// `PAY_PER_REQUEST`
    pub billing_mode: &'static str,
    /// Whether deleting it is refused.
    pub deletion_protection_enabled: bool,
    /// Partition key, then the sort key.
    pub key_schema: Vec<KeySchema>,
    /// Restore to any second.
    pub point_in_time_recovery_specification: PointInTimeRecovery,
    /// Encryption.
    #[serde(rename = "SSESpecification")]
    pub sse_specification: Sse,
    /// The log of changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_specification: Option<Stream>,
    /// When items go by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_live_specification: Option<TimeToLive>,
}

/// The log of a table's changes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stream {
    /// `NEW_IMAGE`: the item as it is afterwards.
    pub stream_view_type: &'static str,
}

/// When items go by themselves.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLive {
    /// The attribute that holds the time, in seconds since 1970.
    pub attribute_name: String,
    /// On or off.
    pub enabled: bool,
}

/// An attribute's type.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeDefinition {
    /// Name.
    pub attribute_name: String,
    /// `S`: a string.
    pub attribute_type: &'static str,
}

/// A part of the primary key.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeySchema {
    /// Name of the attribute.
    pub attribute_name: String,
    /// `HASH`: the partition key; `RANGE`: the sort key.
    pub key_type: &'static str,
}

/// Restore to any second of the last 35 days.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PointInTimeRecovery {
    /// On or off.
    pub point_in_time_recovery_enabled: bool,
}

/// Encryption: with the account's key for DynamoDB, or a customer key.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Sse {
    /// On or off.
    #[serde(rename = "SSEEnabled")]
    pub sse_enabled: bool,
    /// `KMS`
    #[serde(rename = "SSEType", skip_serializing_if = "Option::is_none")]
    pub sse_type: Option<&'static str>,
    /// Customer key.
    #[serde(rename = "KMSMasterKeyId", skip_serializing_if = "Option::is_none")]
    pub kms_master_key_id: Option<Text>,
}
