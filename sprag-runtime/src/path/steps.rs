//! The steps of which the types of paths are made, each of them a [`Walk`](super::walk::Walk).

mod access;
mod chain;
mod deref;
mod element;
mod entry;
mod inner;

pub use self::access::Access;
pub use self::chain::Chain;
pub use self::deref::Deref;
pub use self::element::Element;
pub use self::entry::Entry;
pub use self::inner::Inner;
