//! D9: a thread keeps the room of a transaction for its next one, and none of its values.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sprag::prelude::*;

use crate::domain::Log;

/// A value whose last clone runs code of the user's when it is dropped.
#[derive(Clone, Default)]
struct Dropping(Option<Arc<OnDrop>>);

struct OnDrop(Box<dyn Fn() + Send + Sync>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl PartialEq for Dropping {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_ref().map(Arc::as_ptr) == other.0.as_ref().map(Arc::as_ptr)
    }
}

#[derive(Model, Clone, Default, PartialEq)]
struct Shelf {
    #[model(leaf)]
    value: Dropping,
    count: u32,
}

/// A model whose value runs `f` when it is dropped.
fn shelf(f: impl Fn() + Send + Sync + 'static) -> Model<Shelf> {
    let model = create_model("shelf", Shelf::default());
    model.set(Shelf::PATHS.value, Dropping(Some(Arc::new(OnDrop(Box::new(f))))));
    model
}

/// Drops the value, and counts.
fn write(model: &Model<Shelf>) {
    let written = model.transaction(|tx| {
        tx.set(Shelf::PATHS.value, Dropping::default());
        tx.update_at(Shelf::PATHS.count, |count| *count += 1);
        Ok::<(), ()>(())
    });
    assert_eq!(written, Ok(()));
}

#[test]
fn d9_i2_a_transaction_drops_the_replaced_values_after_its_lock() {
    let log = Log::default();
    let other = create_model("other", Shelf::default());
    let (noted, written) = (log.clone(), other.clone());
    let model = shelf(move || {
        noted.push("dropped");
        // A transaction of the same state, while the thread takes the room of the first.
        write(&written);
    });
    write(&model);
    assert_eq!(log.take(), ["dropped"]);
    assert_eq!((model.get(Shelf::PATHS.count), other.get(Shelf::PATHS.count)), (1, 1));
    write(&model);
    assert_eq!((model.get(Shelf::PATHS.count), model.version()), (2, 3));
}

#[test]
fn d9_i5_a_transaction_reverts_its_own_writes_alone_after_a_drop_that_panicked() {
    let model = shelf(|| panic!("a drop panics"));
    assert!(catch_unwind(AssertUnwindSafe(|| write(&model))).is_err());
    assert_eq!((model.get(Shelf::PATHS.count), model.version()), (1, 2));

    for number in [10, 20] {
        model.set(Shelf::PATHS.count, number);
        let failed = model.transaction(|tx| {
            tx.set(Shelf::PATHS.value, Dropping::default());
            tx.set(Shelf::PATHS.count, number + 1);
            Err::<(), ()>(())
        });
        assert_eq!((failed, model.get(Shelf::PATHS.count)), (Err(()), number));
    }
}
