//! [`ShowRequests`]: the places that a page wants its open stream to show from now on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use sprag_runtime::path::Address;

use crate::live::stream_signal::StreamSignal;

/// The maximal number of stores of one stream with a request that waits.
const WAITING: usize = 64;

/// The requests that a stream has not served yet: for each store the latest.
#[derive(Default)]
pub(crate) struct ShowRequests {
    waiting: Mutex<BTreeMap<String, ShowRequest>>,
    /// Whether there may be requests, so that a stream takes no lock for each chunk.
    has_arrived: AtomicBool,
    signal: Arc<StreamSignal>,
}

/// The places that a page wants to show of one store.
#[derive(Debug, PartialEq)]
pub(crate) struct ShowRequest {
    pub(crate) places: Vec<Address>,
    /// The page's number of the request, which the frame of the state repeats.
    pub(crate) number: u64,
}

impl ShowRequests {
    /// The requests to the stream of `signal`.
    pub(crate) fn new(signal: Arc<StreamSignal>) -> Self {
        Self { signal, ..Self::default() }
    }

    /// Adds a request for the store that the page calls `label`; an earlier one is dropped.
    /// Returns whether there was room.
    pub(crate) fn push(&self, label: String, request: ShowRequest) -> bool {
        {
            let mut waiting = self.waiting.lock();
            if waiting.len() >= WAITING && !waiting.contains_key(&label) {
                return false;
            }
            waiting.insert(label, request);
        }
        self.has_arrived.store(true, Ordering::Release);
        self.signal.raise();
        true
    }

    /// Takes the requests that wait, by the page's names of their stores.
    pub(crate) fn take(&self) -> BTreeMap<String, ShowRequest> {
        if !self.has_arrived.swap(false, Ordering::AcqRel) {
            return BTreeMap::new();
        }
        std::mem::take(&mut *self.waiting.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w6_a_page_that_scrolls_on_leaves_one_request_for_each_store() {
        let requests = ShowRequests::default();
        let request = |number| ShowRequest { places: Vec::new(), number };
        for number in 0..1_000 {
            assert!(requests.push("fleet".to_owned(), request(number)));
        }
        assert_eq!(requests.take(), BTreeMap::from([("fleet".to_owned(), request(999))]));
        assert_eq!(requests.take(), BTreeMap::new());
        for store in 0..WAITING {
            assert!(requests.push(store.to_string(), request(0)));
        }
        assert!(!requests.push("one more".to_owned(), request(0)));
    }
}
