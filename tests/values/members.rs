//! Members of sets by text and by address: read, added, removed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::path::{Address, Part};
use sprag::prelude::*;

#[derive(
    Model, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
enum Color {
    DarkRed,
}

#[derive(
    Model, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
struct Point {
    x: i8,
    y: i8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Song {
    tags: HashSet<String>,
    years: BTreeSet<i32>,
    colors: BTreeSet<Color>,
    points: HashSet<Point>,
    flags: BTreeSet<bool>,
    of_user: BTreeMap<String, BTreeSet<u8>>,
    maybe: Option<BTreeSet<u8>>,
}

fn song() -> Model<Song> {
    let song = create_model("song", Song::default());
    song.add(Song::PATHS.tags, "rock");
    song.add(Song::PATHS.tags, "v1.2");
    song.add(Song::PATHS.years, -7);
    song.add(Song::PATHS.colors, Color::DarkRed);
    song.add(Song::PATHS.points, Point { x: 1, y: 2 });
    song.add(Song::PATHS.flags, true);
    song.insert(Song::PATHS.of_user, "ann", [4].into());
    song.set(Song::PATHS.maybe, Some([9].into()));
    song
}

/// The texts, the addresses and the JSON of the members in [`song`].
fn members() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("tags.rock", json!(["tags", ["rock"]]), json!("rock")),
        (r#"tags."v1.2""#, json!(["tags", ["v1.2"]]), json!("v1.2")),
        ("years.-7", json!(["years", [-7]]), json!(-7)),
        ("colors.dark-red", json!(["colors", ["dark-red"]]), json!("dark-red")),
        (
            r#"points."[{\"x\":1,\"y\":2}]""#,
            json!(["points", [{ "x": 1, "y": 2 }]]),
            json!({ "x": 1, "y": 2 }),
        ),
        ("flags.true", json!(["flags", [true]]), json!(true)),
        ("of_user.ann.4", json!(["of_user", "ann", [4]]), json!(4)),
        ("maybe.9", json!(["maybe", [9]]), json!(9)),
    ]
}

fn address(json: Value) -> Address {
    serde_json::from_value(json).unwrap()
}

#[test]
fn d0_a_member_is_read_by_its_text_and_by_its_address() {
    let song = song();
    for (text, place, member) in members() {
        let place = address(place);
        assert_eq!(song.get_value(text).unwrap(), member, "{text}");
        assert_eq!(song.get_at(&place).unwrap(), member, "{place}");
        assert_eq!((place.to_string(), Address::parse(text).unwrap()), (text.to_owned(), place));
    }
}

#[test]
fn d0_the_text_of_a_path_leads_to_its_member() {
    let song = song();
    let texts = [
        Song::PATHS.tags.key("v1.2").to_string(),
        Song::PATHS.years.key(-7).to_string(),
        Song::PATHS.flags.key(true).to_string(),
        Song::PATHS.of_user.key("ann").key(4).to_string(),
    ];
    for text in texts {
        song.get_value(&text).unwrap();
    }
    let place = sprag::state::address_of(Song::PATHS.points.key(Point { x: 1, y: 2 })).unwrap();
    assert_eq!(song.get_at(&place).unwrap(), json!({ "x": 1, "y": 2 }));
    assert_eq!(place.parts()[1], Part::Member(json!({ "x": 1, "y": 2 })));
}

#[test]
fn d0_a_member_is_added_by_setting_it_and_removed_by_merging_null() {
    for (text, place, member) in members() {
        let (song, before) = (song(), song().snapshot());
        song.patch_value(text, Value::Null).unwrap();
        assert!(song.get_value(text).unwrap_err().is_not_found(), "{text}");
        song.merge_at(&address(place.clone()), Value::Null).unwrap();
        song.set_at(&address(place.clone()), member.clone()).unwrap();
        assert_eq!(*song.snapshot(), *before, "{text}");
        let version = song.set_value(text, member.clone()).unwrap();
        assert_eq!((song.version(), &*song.snapshot()), (version, &*before), "{text}");
        song.merge_at(&address(place), member).unwrap();
        assert_eq!(*song.snapshot(), *before, "{text}");
    }
}

#[test]
fn d0_what_is_not_a_member_is_refused() {
    let song = song();
    let before = song.version();
    for (text, value, reason) in [
        ("tags.jazz", json!("rock"), "the value at the place of a set's member"),
        ("tags.rock", json!("jazz"), "the value at the place of a set's member"),
        ("tags.rock", json!(null), "the value at the place of a set's member"),
        ("years.soon", json!("soon"), "`soon` is not a key of `years`"),
        (r#"years."[1,-7]""#, json!(-7), "is not a key of `years`"),
        ("points.rock", json!("rock"), "`rock` is not a key of `points`"),
        ("tags.rock.x", json!(1), "a single value without places below it"),
        ("tags.jazz.x", json!(1), "there is no `jazz` in `tags`"),
    ] {
        let error = song.set_value(text, value).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let position = address(json!(["years", 0]));
    assert!(song.get_at(&position).unwrap_err().is_not_found(), "a set has no positions");
    song.set_at(&position, json!(-7)).unwrap_err();
    let error = song.get_value("tags.rok").unwrap_err().to_string();
    assert!(error.contains("did you mean `rock`?"), "{error}");
    for place in [json!(["tags", []]), json!(["tags", ["a", "b"]])] {
        serde_json::from_value::<Address>(place).unwrap_err();
    }
    assert_eq!(song.version(), before);
}

/// Serde writes a set in the order of the set, so a number has another place when it is compared.
#[test]
fn d0_a_set_of_numbers_is_written_in_any_order() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Draw {
        numbers: BTreeSet<i64>,
        hashed: HashSet<u8>,
        points: BTreeSet<Point>,
        bonus: (u8, BTreeSet<u64>),
    }

    let draw = create_model("draw", Draw::default());
    draw.set_value("numbers", json!([7, -3, 5])).unwrap();
    draw.patch_value("", json!({ "hashed": [9, 8, 7, 6, 5, 4, 3] })).unwrap();
    draw.set_value("points", json!([{ "x": 3, "y": 1 }, { "x": 1, "y": 2 }])).unwrap();
    // As `f64`, these are one number.
    let (large, larger) = (9_007_199_254_740_992_u64, 9_007_199_254_740_993_u64);
    draw.set_value("bonus", json!([1, [larger, large, 2]])).unwrap();
    let state = draw.snapshot();
    assert_eq!((&state.numbers, state.hashed.len()), (&[-3, 5, 7].into(), 7));
    assert_eq!(state.points, [Point { x: 1, y: 2 }, Point { x: 3, y: 1 }].into());
    assert_eq!(state.bonus, (1, [2, large, larger].into()));
}

#[cfg(feature = "ordered-float")]
#[test]
fn d0_a_number_of_a_set_that_loses_digits_is_refused() {
    use ordered_float::OrderedFloat;

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Draw {
        numbers: BTreeSet<OrderedFloat<f32>>,
        pairs: (u8, BTreeSet<(i8, OrderedFloat<f32>)>),
    }

    let draw = create_model("draw", Draw::default());
    draw.set_value("numbers", json!([0.2, 0.1])).unwrap();
    assert_eq!(draw.snapshot().numbers, [OrderedFloat(0.1), OrderedFloat(0.2)].into());
    for (path, value) in [
        ("numbers", json!([16_777_217, 1])),
        ("numbers", json!([16_777_217])),
        ("pairs", json!([1, [[2, 0.1], [1, 16_777_217]]])),
        ("pairs", json!([1, [[1, 1e300]]])),
    ] {
        let error = draw.set_value(path, value).unwrap_err();
        assert!(matches!(error, sprag::error::PathError::Lossy { .. }), "{path}: {error}");
    }
}

#[test]
fn a_subscriber_of_a_member_hears_of_it_by_text() {
    let song = song();
    let (sender, seen) = std::sync::mpsc::channel();
    let _rock = song.subscribe(Song::PATHS.tags.contains("jazz"), move |is: &bool, _| {
        sender.send(*is).unwrap();
    });
    song.set_value("tags.pop", "pop".into()).unwrap();
    song.set_value("tags.jazz", "jazz".into()).unwrap();
    song.patch_value("tags.jazz", Value::Null).unwrap();
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [true, false]);
}
