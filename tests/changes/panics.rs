//! I5, D9: a write of a transaction whose value panics while it is recorded is taken back, alone.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use sprag::prelude::*;

thread_local! {
    /// The number of clones before one panics.
    static FUSE: Cell<Option<u32>> = const { Cell::new(None) };
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Bomb(u8);

impl Clone for Bomb {
    fn clone(&self) -> Self {
        let fuse = FUSE.get();
        FUSE.set(fuse.and_then(|left| left.checked_sub(1)));
        assert!(fuse != Some(0), "the clone panics");
        Self(self.0)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    first: u8,
    #[model(leaf)]
    bomb: Bomb,
    #[model(leaf)]
    other: Bomb,
    last: u8,
}

/// Sets places, of which `bomb` may panic; returns whether it was set.
fn write(tx: &mut sprag::state::Transaction<'_, Room>, fuse: u32, same_type_first: bool) -> bool {
    tx.set(Room::PATHS.first, 1);
    if same_type_first {
        tx.set(Room::PATHS.other, Bomb(5));
    }
    FUSE.set(Some(fuse));
    let made = catch_unwind(AssertUnwindSafe(|| tx.set(Room::PATHS.bomb, Bomb(7))));
    FUSE.set(None);
    tx.set(Room::PATHS.last, 2);
    made.is_ok()
}

fn expected(made: bool, same_type_first: bool) -> Room {
    let other = Bomb(if same_type_first { 5 } else { 0 });
    Room { first: 1, bomb: Bomb(if made { 7 } else { 0 }), other, last: 2 }
}

#[test]
fn d9_i5_a_write_whose_recording_panics_is_taken_back_and_the_others_stay() {
    for same_type_first in [false, true] {
        let mut panics = 0;
        let is_made = |fuse| {
            let room = create_model("room", Room::default());
            let mut changes = room.changes();
            let made = room
                .transaction(|tx| Ok::<_, ()>(write(tx, fuse, same_type_first)))
                .expect("it does not fail");
            assert_eq!(*room.snapshot(), expected(made, same_type_first), "fuse {fuse}");
            let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
            let replica = create_model("replica", Room::default());
            replica.apply(&commit.changeset()).unwrap();
            assert_eq!(*replica.snapshot(), *room.snapshot(), "fuse {fuse}");
            made
        };
        while !is_made(panics) {
            panics += 1;
        }
        assert!((2..20).contains(&panics), "{panics} clones, before and after the write");
    }
}

#[test]
fn d9_i5_a_failed_transaction_reverts_what_a_panic_has_left() {
    for fuse in 0..8 {
        let room = create_model("room", Room { first: 9, ..Room::default() });
        let _changes = room.changes();
        let failed = room.transaction(|tx| {
            write(tx, fuse, true);
            Err::<(), _>("no")
        });
        assert_eq!((failed, room.version()), (Err("no"), 0));
        assert_eq!(*room.snapshot(), Room { first: 9, ..Room::default() }, "fuse {fuse}");
    }
}

#[test]
fn d1_an_op_says_whether_json_carries_its_values() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Values {
        number: f64,
        list: Vec<f64>,
        inner: Inner,
        #[model(leaf)]
        rounded: Rounded,
        #[model(leaf)]
        refusing: Refusing,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Inner {
        shown: u8,
        #[serde(skip)]
        hidden: u8,
    }

    /// Loses its fraction.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(from = "i32", into = "i32")]
    struct Rounded(f32);

    impl From<i32> for Rounded {
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        fn from(value: i32) -> Self {
            Self(value as f32)
        }
    }

    impl From<Rounded> for i32 {
        #[allow(clippy::cast_possible_truncation, reason = "this is the loss")]
        fn from(value: Rounded) -> Self {
            value.0 as Self
        }
    }

    /// Does not read what it writes.
    #[derive(Clone, Debug, Default, PartialEq, Serialize)]
    struct Refusing(u8);

    impl<'de> Deserialize<'de> for Refusing {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Err(serde::de::Error::custom("it is refused"))
        }
    }

    let values = create_model("values", Values::default());
    let mut changes = values.changes();
    let mut last = || {
        let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
        let read = commit.changeset().ops.iter().try_for_each(|op| op.reads_back());
        read.map_err(|error| error.to_string())
    };
    values.set(Values::PATHS.number, 0.5);
    assert_eq!(last(), Ok(()));
    values.set(Values::PATHS.number, f64::NAN);
    assert!(last().is_err());
    values.extend(Values::PATHS.list, [0.5, 1.5]);
    assert_eq!(last(), Ok(()));
    values.extend(Values::PATHS.list, [0.5, f64::INFINITY]);
    assert!(last().is_err());
    values.set(Values::PATHS.inner, Inner { shown: 1, hidden: 2 });
    assert_eq!(last(), Ok(()), "what serde skips is in no form");
    values.set(Values::PATHS.rounded, Rounded(2.0));
    assert_eq!(last(), Ok(()));
    values.set(Values::PATHS.rounded, Rounded(2.5));
    assert_eq!(last(), Err("JSON cannot carry the value".to_owned()));
    values.set(Values::PATHS.refusing, Refusing(1));
    assert_eq!(last(), Err("it is refused".to_owned()));
}
