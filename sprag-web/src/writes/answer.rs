//! [`Answer`]: the reply to one numbered write.

use std::borrow::Cow;

use serde::Serialize;

/// Why a write was not made: the kind, and the reason for people.
pub(crate) type WriteRefusal = (&'static str, String);

/// The server's reply to one numbered write.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Answer {
    /// The write's number.
    pub(crate) n: u64,
    /// The version that the write created, or the version at which the write was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) v: Option<u64>,
    /// The kind of refusal, for the client's program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) err: Option<&'static str>,
    /// The reason, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<Cow<'static, str>>,
    /// With `gap`: the last used number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<u64>,
}

impl Answer {
    /// The write created the version `v`.
    pub(crate) fn made(n: u64, v: u64) -> Self {
        Self { n, v: Some(v), err: None, why: None, last: None }
    }

    /// The write was refused at the version `v`.
    pub(crate) fn refused(
        n: u64,
        err: &'static str,
        why: impl Into<Cow<'static, str>>,
        v: u64,
    ) -> Self {
        Self { n, v: Some(v), err: Some(err), why: Some(why.into()), last: None }
    }

    /// Numbers are missing; `last` was the last used one, or 0 if the tag has none in this
    /// session.
    pub(crate) fn gap(n: u64, last: u64) -> Self {
        Self { n, v: None, err: Some("gap"), why: None, last: Some(last) }
    }

    /// The server no longer knows whether the write was made.
    pub(crate) fn forgotten(n: u64) -> Self {
        Self { n, v: None, err: Some("forgotten"), why: None, last: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_small_as_it_can_be() {
        let json = |answer: &Answer| serde_json::to_string(answer).unwrap();
        assert_eq!(json(&Answer::made(3, 9)), r#"{"n":3,"v":9}"#);
        assert_eq!(json(&Answer::gap(4, 2)), r#"{"n":4,"err":"gap","last":2}"#);
    }
}
