//! The items that the macros expanded before in this run of the compiler.
//!
//! A macro sees neither the module of its item nor the other items there. Whether two items
//! of one name are in one module is therefore unknown, and the code that uses this page
//! works in both cases: it removes errors that repeat another one, and decides nothing
//! else (`service/twice.rs` reads the file to see whether the module is one). An editor keeps the page between two runs, and so sees the form of a second item
//! earlier than the compiler.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use syn::Type;

use crate::tokens::text;

static SEEN: Mutex<Option<SeenItems>> = Mutex::new(None);

#[derive(Default)]
struct SeenItems {
    apps: HashMap<String, usize>,
    services: HashMap<String, SeenService>,
}

/// A type that a `#[service]` block was expanded for.
#[derive(Clone, Default)]
pub(crate) struct SeenService {
    /// A block had a `new`.
    pub(crate) has_new: bool,
    /// The number of lifetimes, for which the service was refused.
    pub(crate) lifetimes: usize,
    /// The file that contains the block.
    pub(crate) file: Option<PathBuf>,
}

fn with_seen<T>(read: impl FnOnce(&mut SeenItems) -> T) -> T {
    let mut seen: MutexGuard<'_, _> = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    read(seen.get_or_insert_default())
}

/// Counts the app `name`; the result is 1 for the first app of that name.
pub(crate) fn count_app(name: &str) -> usize {
    with_seen(|seen| {
        let count = seen.apps.entry(name.to_owned()).or_default();
        *count += 1;
        *count
    })
}

/// Keeps the facts of a block.
pub(crate) fn keep_service(ty: &Type, service: SeenService) {
    with_seen(|seen| seen.services.insert(text(ty), service));
}

/// The facts of the last block for the service `ty`, as it is written.
pub(crate) fn service(ty: &Type) -> SeenService {
    with_seen(|seen| seen.services.get(&text(ty)).cloned().unwrap_or_default())
}
