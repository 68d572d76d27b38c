//! [`Load`]: threads that keep the cores busy.
//!
//! They are threads of this process, so that they end with it however it ends.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// The threads end when this is dropped.
#[derive(Debug)]
pub(crate) struct Load(Arc<AtomicBool>);

impl Load {
    pub(crate) fn of(threads: usize) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        for _ in 0..threads {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || {
                let mut number = 0u64;
                while !is_over.load(Ordering::Relaxed) {
                    number = black_box(number.wrapping_add(1));
                }
            });
        }
        Self(is_over)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
