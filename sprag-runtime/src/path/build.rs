//! Builds the paths of a type, in constants: the builders that
//! [`State::__At`](super::State) of each type names.

mod at;

pub(super) use self::at::SomeAt;
pub use self::at::{LeafAt, NoSome, PathAt};

/// Builds the paths `P` at compile time.
#[doc(hidden)]
pub trait Build<P> {
    const __PATHS: P;
}

/// Fills a tuple's paths behind the last field: not a place, so that an index past the end
/// is an error wherever it is written.
#[derive(Clone, Copy, Debug)]
pub struct PastTheEnd<P>(P);

impl<P: Copy> PastTheEnd<P> {
    #[doc(hidden)]
    pub const fn __of(own: P) -> Self {
        Self(own)
    }

    /// The path to the whole tuple.
    #[doc(hidden)]
    pub const fn __own(&self) -> P {
        self.0
    }
}
