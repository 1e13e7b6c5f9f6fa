//! Amazon CloudWatch Logs.

use serde::Serialize;

use super::value::Text;

/// `AWS::Logs::LogGroup`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LogGroup {
    /// Name; people type it.
    pub log_group_name: Text,
    /// Customer key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<Text>,
    /// Days that logs are kept.
    pub retention_in_days: u32,
}
