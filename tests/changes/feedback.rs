//! I4: a feedback loop is cut whatever kind of write it makes: of values, text, JSON, changesets.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::path::Address;
use sprag::prelude::*;
use sprag::state::{Changeset, Op};
use test_support::within;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point {
    x: u64,
}

fn change(x: u64) -> Changeset {
    let place = Address::from_iter(["x".into()]);
    Changeset::new(0, 1, vec![Op::Set { place, value: json!(x).into() }])
}

type Write = fn(&Model<Point>, u64);

/// Each writes `x`.
const WRITES: &[(&str, Write)] = &[
    ("set", |point, x| _ = point.set(Point::PATHS.x, x)),
    ("update", |point, x| point.update(|point| point.x = x)),
    ("update_at", |point, x| point.update_at(Point::PATHS.x, |own| *own = x)),
    ("replace", |point, x| drop(point.replace(Point { x }))),
    ("patch", |point, x| point.patch(PointPatch::new().x(x))),
    ("transaction", |point, x| {
        point
            .transaction(|tx| {
                tx.set(Point::PATHS.x, x);
                Ok::<_, ()>(())
            })
            .unwrap();
    }),
    ("set_value", |point, x| _ = point.set_value("x", json!(x)).unwrap()),
    ("set_at", |point, x| _ = point.set_at(&Address::parse("x").unwrap(), json!(x)).unwrap()),
    ("patch_value", |point, x| _ = point.patch_value("", json!({ "x": x })).unwrap()),
    ("apply", |point, x| _ = point.apply(&change(x)).unwrap()),
    ("apply in a transaction", |point, x| {
        point.transaction(|tx| tx.apply(&change(x))).unwrap();
    }),
];

#[test]
fn i4_a_loop_by_any_kind_of_write_is_cut() {
    for (kind, write) in WRITES {
        within(Duration::from_secs(60), move || {
            let point = create_model("point", Point::default());
            point.subscribe(Point::PATHS.x, |x, change| write(&change.model(), x + 1)).detach();

            write(&point, 1);

            assert_eq!((point.get(Point::PATHS.x), point.panics()), (1_001, 1), "{kind}");
            assert_eq!(point.version(), 1_001, "{kind}: the refused write is not a commit");
        });
    }
}

#[test]
fn i4_subscribers_that_disagree_by_any_kind_of_write_are_cut() {
    // A loop that fans out panics ten thousand times, so three kinds are enough.
    let kinds = ["set_value", "patch_value", "apply"];
    for (kind, write) in WRITES.iter().filter(|(kind, _)| kinds.contains(kind)) {
        within(Duration::from_secs(60), move || {
            let point = create_model("point", Point::default());
            for wanted in [1, 2] {
                let disagree = move |_: &u64, change: &Change<'_, Model<Point>>| {
                    write(&change.model(), wanted);
                };
                point.subscribe(Point::PATHS.x, disagree).detach();
            }

            write(&point, 7);

            assert!(point.panics() > 0, "{kind}");
            assert!(point.version() < 30_000, "{kind}: {} commits", point.version());
        });
    }
}
