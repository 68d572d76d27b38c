//! The description of a cache that outlives its test.

use std::sync::Arc;

use super::node::CacheNode;
use crate::remains::note;

/// Records a new cache, if a test runs on this thread.
pub(super) fn note_cache(node: &Arc<dyn CacheNode>) {
    let node = Arc::downgrade(node);
    note(move || Some(format!("cache `{}` was not dropped", node.upgrade()?.core().name)));
}
