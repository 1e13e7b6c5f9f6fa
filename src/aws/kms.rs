//! AWS Key Management Service.

use serde::Serialize;

use super::iam::PolicyDocument;
use super::value::Text;

/// `AWS::KMS::Key`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Key {
    /// Shown in the console.
    pub description: String,
    /// New key material every year.
    pub enable_key_rotation: bool,
    /// Who may use it.
    pub key_policy: PolicyDocument,
    /// Days during which a deleted key can be brought back.
    pub pending_window_in_days: u32,
}

/// `AWS::KMS::Alias`
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alias {
    /// `alias/` and a name.
    pub alias_name: Text,
    /// Id of the key.
    pub target_key_id: Text,
}
