//! Changes as exact data: a [`Changeset`] describes a commit in a form that any reader of
//! JSON understands, and can be applied to a model.

mod apply;
mod changeset;
mod commit;
mod direct;
mod faces;
mod history;
mod place;
mod plan;
mod reader;
mod render;
mod stream;
mod wire;

pub use self::changeset::{Changeset, Op, OpValue};
pub use self::commit::{ChangeKind, ChangedPlace, Commit};
pub use self::history::History;
pub use self::render::address_of;
pub use self::stream::Changes;
