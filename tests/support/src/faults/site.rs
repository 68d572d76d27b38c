//! [`Site`]: the places where users' code runs.

use super::Fault;

/// A place where users' code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// A method of a value.
    Value(Method),
    /// A method of a key.
    Key(Method),
    /// A closure that changes the state, or is called by such an operation.
    Closure,
    /// A closure that may refuse the operation.
    Refusal,
    /// A closure that selects what a subscriber receives.
    Selector,
    /// A subscriber of a state.
    Callback,
    /// The computation of a cache.
    Compute,
    /// A subscriber of a cache.
    OnInvalidate,
    /// A listener of a bus.
    Listener,
    /// The policy of a store: whether a user may write.
    Authorize,
    /// The policy of a store: whether a state is valid.
    Validate,
}

/// A method of a user's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the traits")]
pub enum Method {
    Clone,
    Default,
    Deserialize,
    Drop,
    Eq,
    Hash,
    Ord,
    Serialize,
}

impl Site {
    /// The faults that the code can have.
    pub fn faults(self) -> &'static [Fault] {
        use Fault::{Bomb, Error, Hang, Panic};
        if self.may_refuse() { &[Panic, Bomb, Hang, Error] } else { &[Panic, Bomb, Hang] }
    }

    fn may_refuse(self) -> bool {
        match self {
            Self::Value(method) | Self::Key(method) => {
                matches!(method, Method::Deserialize | Method::Serialize)
            }
            Self::Refusal | Self::Authorize | Self::Validate => true,
            _ => false,
        }
    }
}
