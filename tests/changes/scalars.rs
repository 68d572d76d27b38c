//! D1, D7: numbers, `bool`s and `Uuid`s are recorded without an allocation, and a set that
//! readers of changes alone observe looks its place up once. Readers see no difference.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;
use sprag::state::{Changes, Commit};
use uuid::Uuid;

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Scalars {
    bool: bool,
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    usize: usize,
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    i128: i128,
    f32: f32,
    f64: f64,
    char: char,
    uuid: Uuid,
    #[serde(with = "hex")]
    hex: u64,
    option: Option<u64>,
    by_number: HashMap<u32, u64>,
    by_uuid: HashMap<Uuid, Gauge>,
    by_bool: HashMap<bool, u64>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Gauge {
    #[serde(with = "hex")]
    level: u64,
    fine: f64,
}

const ID: Uuid = Uuid::from_u128(7);

fn scalars() -> Model<Scalars> {
    let by_uuid = HashMap::from([(ID, Gauge::default())]);
    let (by_number, by_bool) = (HashMap::from([(3, 0)]), HashMap::from([(true, 0)]));
    let option = Some(0);
    create_model("scalars", Scalars { by_number, by_uuid, by_bool, option, ..Scalars::default() })
}

fn waiting<T: Clone + Send + Sync + 'static>(changes: &mut Changes<T>) -> Vec<Commit<T>> {
    std::iter::from_fn(|| changes.next().now_or_never().flatten()).map(Result::unwrap).collect()
}

/// The ops of a commit, which is written like its changeset.
fn ops<T: Send + Sync>(commit: &Commit<T>) -> Value {
    let written = to_value(commit).unwrap();
    assert_eq!(written, to_value(commit.changeset()).unwrap());
    written["ops"].clone()
}

/// Sets every place: the first set finds the place exact, the second one uses that.
fn set_all(model: &Model<Scalars>, turn: u8) {
    let (at, number) = (Scalars::PATHS, i8::try_from(turn).unwrap());
    model.set(at.bool, turn % 2 == 1);
    model.set(at.u8, turn);
    model.set(at.u16, turn.into());
    model.set(at.u32, turn.into());
    model.set(at.u64, u64::MAX - u64::from(turn));
    model.set(at.usize, turn.into());
    model.set(at.i8, -number);
    model.set(at.i16, -i16::from(number));
    model.set(at.i32, -i32::from(number));
    model.set(at.i64, i64::MIN + i64::from(number));
    model.set(at.i128, i128::from(number));
    model.set(at.f32, f32::from(number) + 0.5);
    model.set(at.f64, f64::from(number) + 0.1);
    model.set(at.char, char::from(b'a' + turn));
    model.set(at.uuid, Uuid::from_u128(turn.into()));
    model.set(at.hex, 0xAB00 + u64::from(turn));
    model.set(at.option.some(), turn.into()).unwrap();
    model.set(at.by_number.key(3), turn.into()).unwrap();
    model.set(at.by_uuid.key(ID).then(Gauge::PATHS.level), 0xF0 + u64::from(turn)).unwrap();
    model.set(at.by_uuid.key(ID).then(Gauge::PATHS.fine), f64::from(turn) / 3.0).unwrap();
    model.set(at.by_bool.key(true), turn.into()).unwrap();
}

#[test]
fn d1_scalars_of_every_type_are_written_in_the_form_of_their_field() {
    let (model, replica) = (scalars(), scalars());
    let mut changes = model.changes();
    for turn in 1..=3 {
        set_all(&model, turn);
        let commits = waiting(&mut changes);
        assert_eq!(commits.len(), 21);
        for commit in &commits {
            assert_eq!(ops(commit).as_array().map(Vec::len), Some(1), "{:?}", ops(commit));
            replica.apply(&serde_json::from_value(to_value(commit).unwrap()).unwrap()).unwrap();
        }
        assert_eq!(replica.snapshot(), model.snapshot());
        assert_eq!(ops(&commits[15]), json!([["=", ["hex"], format!("ab0{turn}")]]));
        let place = json!(["by_uuid", ID, "level"]);
        assert_eq!(ops(&commits[18]), json!([["=", place, format!("f{turn}")]]));
        if turn > 1 {
            for commit in commits.iter().rev() {
                model.apply(&commit.inverse()).unwrap();
            }
            set_all(&model, turn);
            drop(waiting(&mut changes));
        }
    }
}

#[test]
fn d1_a_set_at_an_absent_place_commits_nothing_beside_readers() {
    let model = scalars();
    let level = |id| Scalars::PATHS.by_uuid.key(id).then(Gauge::PATHS.level);
    let mut changes = model.changes();
    for value in [1, 2] {
        model.set(level(ID), value).unwrap();
    }
    drop(waiting(&mut changes));
    let version = model.version();

    let absent = model.set(level(Uuid::nil()), 3).unwrap_err();

    assert_eq!(absent.path(), format!("by_uuid.{}.level", Uuid::nil()));
    assert_eq!((model.version(), waiting(&mut changes).len()), (version, 0));
    model.set(level(ID), 2).unwrap();
    let commits = waiting(&mut changes);
    assert_eq!((model.version(), ops(&commits[0])), (version + 1, json!([])), "an equal write");
}

#[test]
fn d1_readers_and_other_subscribers_of_one_set_each_see_it_once() {
    let model = scalars();
    let place = Scalars::PATHS.by_number.key(3);
    let (seen, whole) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut readers = vec![model.changes()];
    let mut total = 0;
    for round in 1..=4_u64 {
        // From round to round: one reader, two, with a closure, with a place.
        let noted = Arc::clone(&whole);
        let _closure = (round > 2).then(|| {
            let count = |state: &Scalars| state.by_number[&3];
            model.subscribe(count, move |_, _| {
                noted.fetch_add(1, Ordering::SeqCst);
            })
        });
        let noted = Arc::clone(&seen);
        let _place = (round > 3).then(|| {
            let note = move |value: Option<&u64>| noted.store(*value.unwrap(), Ordering::SeqCst);
            model.subscribe(place, move |value, _| note(value))
        });
        for _ in 0..3 {
            total += 1;
            model.set(place, total).unwrap();
            for reader in &mut readers {
                let commits = waiting(reader);
                assert_eq!(commits.len(), 1);
                assert_eq!(ops(&commits[0]), json!([["=", ["by_number", "3"], total]]));
            }
        }
        if round == 1 {
            readers.push(model.changes());
        }
    }
    assert_eq!((seen.load(Ordering::SeqCst), whole.load(Ordering::SeqCst)), (total, 6));
}

#[test]
fn d7_a_dropped_reader_drops_what_waits_for_it() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Held {
        #[model(leaf)]
        value: Option<Arc<str>>,
    }
    let model = create_model("held", Held::default());
    let value: Arc<str> = "held".into();
    let changes = model.changes();
    model.set(Held::PATHS.value, Some(Arc::clone(&value)));
    model.set(Held::PATHS.value, None);
    assert!(Arc::strong_count(&value) > 1, "the commits hold it");

    drop(changes);

    assert_eq!(Arc::strong_count(&value), 1);
    model.set(Held::PATHS.value, Some(Arc::clone(&value)));
    model.set(Held::PATHS.value, None);
    assert_eq!(Arc::strong_count(&value), 1, "nothing is recorded any more");
}
