//! D0: reads and merges through what serde does not show: newtypes, the names of variants,
//! flattened fields; and values that only their owner can read.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use sprag::error::PathError;
use sprag::path::Address;
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tv {
    sound: Sound,
    screen: Screen,
    source: Source,
    #[serde(flatten)]
    room: Room,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sound(Volume);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Volume {
    #[serde(alias = "loudness")]
    level: u8,
    is_muted: bool,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Screen(Picture);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Picture {
    #[default]
    Off,
    On {
        light: u8,
    },
    Film(Volume),
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Source {
    #[default]
    None,
    File {
        #[serde(default)]
        track: u8,
        name: String,
    },
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    #[serde(default)]
    lamps: u8,
}

fn file() -> Source {
    Source::File { track: 3, name: "a".into() }
}

fn at(parts: &[&str]) -> Address {
    parts.iter().map(|part| (*part).into()).collect()
}

#[test]
fn d0_a_merge_into_a_newtype_is_one_into_its_content() {
    let sound = Sound(Volume { level: 1, is_muted: true });
    let tv = create_model("tv", Tv { sound, ..Tv::default() });
    tv.patch_value("", json!({ "sound": { "loudness": 7 } })).unwrap();
    assert_eq!(tv.snapshot().sound, Sound(Volume { level: 7, is_muted: true }));
    tv.patch_value("", json!({ "screen": { "On": { "light": 5 } } })).unwrap();
    assert_eq!(tv.snapshot().screen, Screen(Picture::On { light: 5 }));
    tv.patch_value("screen", json!({ "On": { "light": 6 } })).unwrap();
    assert_eq!(tv.snapshot().screen, Screen(Picture::On { light: 6 }));
    let error = tv.patch_value("", json!({ "sound": { "noise": 7 } })).unwrap_err();
    assert!(error.is_misfit(), "{error}");
}

#[test]
fn d0_a_variant_is_read_by_its_name_and_a_field_of_the_active_one_without() {
    let screen = Screen(Picture::Film(Volume { level: 2, is_muted: false }));
    let tv = create_model("tv", Tv { screen, source: file(), ..Tv::default() });
    let film = json!({ "level": 2, "is_muted": false });
    assert_eq!(tv.get_at(&at(&["screen", "Film"])).unwrap(), film);
    assert_eq!(tv.get_at(&at(&["screen", "Film", "level"])).unwrap(), 2);
    assert_eq!(tv.get_at(&at(&["source", "track"])).unwrap(), 3);
    assert_eq!(tv.get_value("source.name").unwrap(), "a");
    tv.set_value("source.track", json!(4)).unwrap();
    assert_eq!(tv.get_value("source").unwrap(), json!({ "kind": "File", "track": 4, "name": "a" }));
}

#[test]
fn d0_a_member_of_a_variant_that_a_merge_removes_gets_its_default() {
    let tv = create_model("tv", Tv { source: file(), ..Tv::default() });
    tv.patch_value("", json!({ "source": { "track": null } })).unwrap();
    assert_eq!(tv.snapshot().source, Source::File { track: 0, name: "a".into() });
    let error = tv.patch_value("", json!({ "source": { "name": null } })).unwrap_err();
    assert!(error.is_misfit(), "{error}");
}

#[test]
fn d0_an_option_that_a_merge_removes_is_none_and_not_its_default() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Lamp {
        #[serde(default = "warm")]
        colour: Option<u16>,
    }

    fn warm() -> Option<u16> {
        Some(2_700)
    }

    let lamp = create_model("lamp", Lamp { colour: Some(6_500) });
    lamp.patch_value("", json!({ "colour": null })).unwrap();
    assert_eq!(lamp.snapshot().colour, None);
}

#[test]
fn d0_a_flattened_field_is_not_null() {
    let tv = create_model("tv", Tv { room: Room { lamps: 1 }, ..Tv::default() });
    let error = tv.patch_value("", json!({ "lamps": null })).unwrap_err();
    assert!(matches!(&error, PathError::Misfit { path, .. } if path == "lamps"), "{error}");
    assert_eq!((tv.version(), tv.snapshot().room.lamps), (0, 1));
}

/// A form that is less exact than its number.
mod halves {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f32, serializer: S) -> Result<S::Ok, S::Error> {
        (value * 2.0).round().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
        f32::deserialize(deserializer).map(|value| value / 2.0)
    }
}

#[test]
fn d0_another_variant_of_a_flattened_enum_leaves_the_fields_beside_it() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Player {
        #[serde(flatten)]
        source: Source,
        #[serde(with = "halves")]
        gain: f32,
    }

    let player = create_model("player", Player { source: Source::None, gain: 0.3 });
    player.patch_value("", json!({ "kind": "File", "track": 3, "name": "a" })).unwrap();
    assert_eq!(*player.snapshot(), Player { source: file(), gain: 0.3 });
}

#[test]
fn d0_a_variant_in_a_flattened_enum_may_have_the_name_of_a_skipped_field() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Panel {
        #[serde(flatten)]
        knob: Knob,
        volume: u8,
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Knob {
        #[serde(rename = "dial")]
        Dial {
            #[serde(skip)]
            dial: u8,
            level: u8,
        },
    }

    impl Default for Knob {
        fn default() -> Self {
            Self::Dial { dial: 0, level: 0 }
        }
    }

    let panel = create_model("panel", Panel::default());
    panel.set_value("", json!({ "dial": { "level": 3 }, "volume": 4 })).unwrap();
    let knob = Knob::Dial { dial: 0, level: 3 };
    assert_eq!(*panel.snapshot(), Panel { knob, volume: 4 });
}

/// Content that is written by its own type, and whose parts are not known.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(leaf)]
struct Any(Value);

/// A type whose `Deserialize` needs a bound that the derive does not see.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tank<T> {
    level: u8,
    content: T,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Car<T> {
    tank: Tank<T>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Garage {
    car: Car<Any>,
}

#[test]
fn d0_a_value_that_its_owner_reads_makes_no_state_that_is_too_deep() {
    let garage = create_model("garage", Garage::default());
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let tank = |depth| json!({ "level": 1, "content": nested(depth) });
    for depth in [125, 126] {
        let error = garage.set_value("car.tank", tank(depth)).unwrap_err();
        assert!(matches!(error, PathError::TooDeep { .. }), "{error}");
    }
    assert_eq!(garage.version(), 0);
    garage.set_value("car.tank", tank(124)).unwrap();
    let text = serde_json::to_string(&*garage.snapshot()).unwrap();
    assert_eq!(serde_json::from_str::<Garage>(&text).unwrap(), *garage.snapshot());
}

/// A type that is written whatever its parameter is.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Barrel<T> {
    level: u8,
    #[serde(skip)]
    label: T,
}

#[test]
fn d0_a_state_of_a_type_with_a_parameter_is_read_exactly() {
    let barrel = create_model("barrel", Barrel { level: 1, label: 7_u8 });
    let error = barrel.set_value("", json!({ "level": 2, "levels": 3 })).unwrap_err();
    assert!(matches!(error, PathError::UnknownMember { .. }), "{error}");
    barrel.set_value("", json!({ "level": 2 })).unwrap();
    assert_eq!(barrel.get(Barrel::<u8>::PATHS.level), 2);
}

/// A type that leaves a field out, which no attribute says.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Safe {
    label: String,
    code: u32,
}

impl Serialize for Safe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut safe = serializer.serialize_struct("Safe", 1)?;
        safe.serialize_field("label", &self.label)?;
        safe.end()
    }
}

#[test]
fn d0_a_field_that_a_serialize_does_not_write_is_hidden_and_not_null() {
    let safe = create_model("safe", Safe { label: "a".into(), code: 7 });
    assert_eq!(safe.get_value("label").unwrap(), "a");
    let error = safe.get_value("code").unwrap_err();
    assert!(matches!(error, PathError::Hidden { .. }), "{error}");
}

/// A key whose type only its own program knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Name(String);

#[derive(
    Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
struct Point {
    x: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Chart<K: Ord + sprag::path::Key, V> {
    points: BTreeSet<K>,
    maybe: Option<V>,
}

#[test]
fn d0_an_option_and_a_set_of_a_type_parameter_are_written_as_their_content_is() {
    type Counts = BTreeMap<Name, u8>;
    let maybe = Some(Counts::from([(Name("a".into()), 1)]));
    let points = BTreeSet::from([Point { x: 1 }]);
    let chart = create_model("chart", Chart { points, maybe });
    chart.set_value("maybe", json!({ "b": 2 })).unwrap();
    assert_eq!(chart.get_value("maybe").unwrap(), json!({ "b": 2 }));
    chart.set_value("maybe.b", json!(3)).unwrap();
    chart.set_value("points", json!([{ "x": 2 }])).unwrap();
    let error = chart.set_value("points", json!([{ "x": 3, "y": 4 }])).unwrap_err();
    assert!(matches!(error, PathError::UnknownMember { .. }), "{error}");
    let expected = json!({ "points": [{ "x": 2 }], "maybe": { "b": 3 } });
    assert_eq!(chart.get_value("").unwrap(), expected);
}
