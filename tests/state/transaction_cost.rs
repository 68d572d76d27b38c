//! D9: a transaction clones no state.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;
use sprag::state::Transaction;

use crate::domain::Log;

/// A state that counts its clones.
#[derive(Model, Debug, Default, PartialEq)]
struct Counted {
    x: u64,
    y: u64,
    list: Vec<u64>,
    map: HashMap<u64, u64>,
}

static CLONES: AtomicUsize = AtomicUsize::new(0);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONES.fetch_add(1, Ordering::Relaxed);
        let Self { x, y, list, map } = self;
        Self { x: *x, y: *y, list: list.clone(), map: map.clone() }
    }
}

#[test]
fn d9_a_transaction_clones_no_state() {
    let model = create_model("counted", Counted::default());
    let log = Log::default();
    let paths = Counted::PATHS;
    let note = |name: &'static str| {
        let log = log.clone();
        move || log.push(name)
    };
    let (list, x) = (note("list"), note("x"));
    let _list = model.subscribe(paths.list, move |_: &Vec<u64>, _| list());
    let _x = model.subscribe(paths.x, move |_: &u64, _| x());
    model.set(paths.x, 0); // the state of the creation stays for `reset`
    let before = CLONES.load(Ordering::Relaxed);

    let twice = |first: u64, last: u64| {
        let done = model.transaction(|tx| {
            tx.set(paths.x, first);
            tx.set(paths.x, last);
            Ok::<(), ()>(())
        });
        assert_eq!(done, Ok(()));
    };
    twice(1, 0);
    assert_eq!(log.take(), [""; 0]);
    twice(1, 2);
    assert_eq!(
        {
            let mut fired = log.take();
            fired.sort();
            fired
        },
        ["x"]
    );

    let write = |tx: &mut Transaction<'_, Counted>| {
        tx.push(paths.list, 1);
        tx.push(paths.list, 2);
        tx.insert(paths.map, 1, 2);
        tx.insert(paths.map, 1, 3);
        tx.remove(paths.map, 1);
        tx.update_at(paths.y, |y| *y += 1);
        tx.sort(paths.list);
    };
    let done = model.transaction(|tx| {
        write(tx);
        Ok::<(), ()>(())
    });
    assert_eq!((done, model.version()), (Ok(()), 4));
    assert_eq!(
        {
            let mut fired = log.take();
            fired.sort();
            fired
        },
        ["list"]
    );
    assert_eq!(
        model.transaction(|tx| {
            write(tx);
            Err::<(), ()>(())
        }),
        Err(())
    );
    assert_eq!((log.take().len(), model.version()), (0, 4));
    let back = model.transaction(|tx| {
        let last = tx.pop(paths.list).unwrap();
        tx.push(paths.list, last);
        tx.insert(paths.map, 7, 7);
        tx.remove(paths.map, 7);
        Ok::<(), ()>(())
    });
    assert_eq!((back, log.take().len(), model.version()), (Ok(()), 0, 5));

    assert_eq!(CLONES.load(Ordering::Relaxed), before);
}
