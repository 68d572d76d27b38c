//! The contestants' names, the same in every part.

/// The floor of the scenarios without snapshots.
pub(crate) const LOCK: &str = "by hand, `RwLock<T>`";
/// By hand, with snapshots like a cell's.
pub(crate) const LOCK_ARC: &str = "by hand, `RwLock<Arc<T>>`";
pub(crate) const SPRAG: &str = "sprag";
pub(crate) const REACTIVE: &str = "reactive_stores";
pub(crate) const DIOXUS: &str = "dioxus-stores";
pub(crate) const EYEBALL: &str = "eyeball";
pub(crate) const SIGNALS: &str = "futures-signals";
pub(crate) const WATCH: &str = "tokio `watch`";
pub(crate) const ARC_SWAP: &str = "arc-swap";
