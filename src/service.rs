//! A service from the inside: what its `new`, its hooks and its callers use.

#[doc(no_inline)]
pub use sprag_runtime::Resource;
pub use sprag_runtime::{
    Task,
    service::{Config, Handle, Health, IntoHealth, Outcome, Ref, Scope, Service},
};
