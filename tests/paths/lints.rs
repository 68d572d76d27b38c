//! The generated code passes the strictest lints of a user. This file tests that by
//! compiling.

#![deny(warnings, missing_docs, unreachable_pub, dead_code, deprecated)]
#![deny(unused_qualifications, missing_debug_implementations, single_use_lifetimes)]
#![deny(clippy::all, clippy::pedantic)]

use sprag::prelude::*;

/// Documented.
#[derive(Model, Clone, Debug, Default, PartialEq, Eq)]
pub struct Documented {
    /// The first.
    pub first: u8,
    /// The second.
    pub(crate) second: Option<u8>,
    #[deprecated(note = "use `first`")]
    /// The third.
    pub third: u8,
    private: Hidden,
}

#[derive(Model, Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Hidden {
    never_read: u8,
}

/// Documented.
#[derive(Model, Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One.
    One {
        /// A field.
        field: u8,
    },
    /// Two.
    Two,
}

/// Documented.
#[derive(Model, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unnamed {
    /// One.
    One(u8, String),
    /// Two.
    Two(Pair),
}

/// Documented.
#[derive(Model, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair(pub(crate) u8, u8);

#[derive(Model, Clone, Copy, Debug, PartialEq, Eq)]
enum Private {
    One(u8, bool),
}

/// An `allow` of ours would be an error here.
mod forbidden {
    #![forbid(dead_code, deprecated, missing_docs, unreachable_patterns)]

    /// Documented.
    #[derive(sprag::Model, Clone, Debug, Default, PartialEq, Eq)]
    pub struct Strict {
        /// A field.
        pub field: Option<u8>,
    }
}

#[test]
fn generated_code_is_silent_under_the_users_lints() {
    let value = Documented { first: 1, second: Some(2), ..Documented::default() };
    let model = create_model("documented", value.clone());
    assert_eq!(model.get(Documented::PATHS), value);
    assert_eq!(model.get(Documented::PATHS.private), Hidden::default());
    assert_eq!([Choice::One { field: 1 }, Choice::Two].len(), 2);
    let unnamed = [Unnamed::One(1, String::new()), Unnamed::Two(Pair(1, 2))];
    assert_eq!(unnamed[1].clone(), Unnamed::Two(Pair(1, 2)));
    assert_eq!(Private::One(1, true), Private::One(1, true));
    let strict = create_model("strict", forbidden::Strict::default());
    assert_eq!(strict.get(forbidden::Strict::PATHS.field), None);
}
