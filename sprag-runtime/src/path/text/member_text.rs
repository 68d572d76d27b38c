//! The text of a set's member.

use serde_json::Value;

/// The text of the member `json`, without quotes.
pub(super) fn text(json: &Value) -> String {
    match json {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => json.to_string(),
        _ => format!("[{json}]"),
    }
}
