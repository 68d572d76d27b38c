//! A value is read exactly, or refused: each member is known, and no number loses digits.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::error::PathError;
use sprag::path::Address;
use sprag::prelude::*;
use sprag::state::Changeset;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f32,
    y: u8,
    #[serde(skip)]
    hidden: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Metres(f32);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Wrapper {
    inner: Point,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pair(f32, Point);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum External {
    #[default]
    Off,
    Before(u8, u8),
    At {
        level: f32,
        inner: Point,
    },
    One(Point),
    Two(f32, Point),
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Internal {
    #[default]
    Off,
    On {
        #[serde(alias = "loud")]
        level: f32,
    },
    Other {
        inner: Point,
    },
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "of")]
enum Adjacent {
    #[default]
    Off,
    On {
        level: f32,
    },
    Other(Point),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Level { level: f32 },
    Inner { inner: Point },
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Gain {
    gain: f32,
    #[serde(rename = "atPoint")]
    at: Point,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tone {
    tone: f32,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Flat {
    other: u8,
    #[serde(flatten)]
    gain: Gain,
    #[serde(flatten)]
    tone: Option<Box<Tone>>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct FlatEnum {
    #[serde(flatten)]
    internal: Internal,
    count: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Spelled {
    #[serde(alias = "loud")]
    level: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maybe: Option<u8>,
    #[serde(with = "halves", default)]
    halves: f32,
    #[serde(default, rename(deserialize = "in"))]
    out: u8,
}

/// A form in which a number differs from its field's.
mod halves {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f32, serializer: S) -> Result<S::Ok, S::Error> {
        (value * 2.0).round().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
        f32::deserialize(deserializer).map(|value| value / 2.0)
    }
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct World {
    float: f32,
    double: f64,
    plain: Point,
    maybe: Option<Point>,
    boxed: Box<Point>,
    list: Vec<Point>,
    named: BTreeMap<String, Point>,
    array: [f32; 2],
    tuple: (f32, u8),
    metres: Metres,
    wrapper: Wrapper,
    pair: Pair,
    external: External,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Untagged,
    flat: Flat,
    flat_enum: FlatEnum,
    spelled: Spelled,
}

fn world() -> World {
    World {
        float: 0.0,
        double: 0.0,
        plain: Point::default(),
        maybe: None,
        boxed: Box::default(),
        list: vec![],
        named: BTreeMap::new(),
        array: [0.0; 2],
        tuple: (0.0, 0),
        metres: Metres(0.0),
        wrapper: Wrapper::default(),
        pair: Pair::default(),
        external: External::Off,
        internal: Internal::Off,
        adjacent: Adjacent::Off,
        untagged: Untagged::Level { level: 0.0 },
        flat: Flat::default(),
        flat_enum: FlatEnum::default(),
        spelled: Spelled::default(),
    }
}

/// The end of a write of `value` to `place`; a refused one leaves the state as it was.
fn write(place: &str, value: &Value) -> String {
    let model = create_model("world", world());
    let end = match model.set_value(place, value.clone()) {
        Ok(_) => return "fits".to_owned(),
        Err(PathError::Lossy { path, at }) if path == place => format!("loses {at}"),
        Err(PathError::UnknownMember { path, name, within, .. }) if path == place => {
            format!("has no {name} in {within}")
        }
        Err(PathError::Skipped { path }) => format!("skips {path}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(*model.snapshot(), world(), "{place} {value}");
    end
}

/// An integer that `f32` rounds.
const LONG: u32 = 16_777_217;

fn point() -> Value {
    json!({ "x": 1, "y": 1 })
}

#[test]
fn d0_a_number_that_loses_digits_is_refused_at_its_place() {
    let lossy = || json!({ "x": LONG, "y": 1 });
    for (place, value, end) in [
        ("float", json!(16_777_216), "fits"),
        ("float", json!(0.1), "fits"),
        ("float", json!(16_777_217.0), "fits"),
        ("float", json!(LONG), "loses float"),
        ("float", json!(1e300), "loses float"),
        ("float", json!(-1e300), "loses float"),
        ("double", json!(1e300), "fits"),
        ("double", json!(9_007_199_254_740_992_u64), "fits"),
        ("plain", point(), "fits"),
        ("plain", lossy(), "loses plain.x"),
        ("maybe", lossy(), "loses maybe.x"),
        ("boxed", lossy(), "loses boxed.x"),
        ("list", json!([point(), lossy()]), "loses list.1.x"),
        ("named", json!({ "a": point(), "b": lossy() }), "loses named.b.x"),
        ("named.c", lossy(), "loses named.c.x"),
        ("array", json!([1, LONG]), "loses array.1"),
        ("tuple", json!([LONG, 1]), "loses tuple.0"),
        ("metres", json!(LONG), "loses metres"),
        ("wrapper", lossy(), "loses wrapper.x"),
        ("pair", json!([LONG, point()]), "loses pair.0"),
        ("pair", json!([1, lossy()]), "loses pair.1.x"),
        (
            "external",
            json!({ "At": { "level": LONG, "inner": point() } }),
            "loses external.At.level",
        ),
        (
            "external",
            json!({ "At": { "level": 1, "inner": lossy() } }),
            "loses external.At.inner.x",
        ),
        ("external", json!({ "One": lossy() }), "loses external.One.x"),
        ("external", json!({ "Two": [LONG, point()] }), "loses external.Two.0"),
        ("external", json!({ "Two": [1, lossy()] }), "loses external.Two.1.x"),
        ("internal", json!({ "kind": "On", "level": LONG }), "loses internal.level"),
        ("internal", json!({ "kind": "Other", "inner": lossy() }), "loses internal.inner.x"),
        ("adjacent", json!({ "kind": "On", "of": { "level": LONG } }), "loses adjacent.of.level"),
        ("untagged", json!({ "level": LONG }), "loses untagged.level"),
        ("untagged", json!({ "inner": lossy() }), "loses untagged.inner.x"),
        ("flat", json!({ "other": 1, "gain": LONG, "atPoint": point() }), "loses flat.gain"),
        ("flat", json!({ "other": 1, "gain": 1, "atPoint": lossy() }), "loses flat.atPoint.x"),
        (
            "flat",
            json!({ "other": 1, "gain": 1, "atPoint": point(), "tone": LONG }),
            "loses flat.tone",
        ),
        ("flat_enum", json!({ "kind": "On", "level": LONG, "count": 1 }), "loses flat_enum.level"),
        ("spelled", json!({ "level": LONG }), "loses spelled.level"),
        ("spelled", json!({ "level": 1, "halves": 0.3 }), "fits"),
    ] {
        assert_eq!(write(place, &value), end, "{place} {value}");
    }
}

#[test]
fn d0_a_member_that_nothing_has_is_refused_with_its_owner() {
    let odd = || json!({ "x": 1, "y": 1, "z": 1 });
    for (place, value, end) in [
        ("plain", odd(), "has no z in plain"),
        ("plain", json!({ "x": 1, "y": 1, "hidden": 1 }), "skips plain.hidden"),
        ("maybe", odd(), "has no z in maybe"),
        ("maybe", json!(null), "fits"),
        ("boxed", odd(), "has no z in boxed"),
        ("list", json!([point(), odd()]), "has no z in list.1"),
        ("named", json!({ "a": odd() }), "has no z in named.a"),
        ("named.c", odd(), "has no z in named.c"),
        ("wrapper", odd(), "has no z in wrapper"),
        ("pair", json!([1, odd()]), "has no z in pair.1"),
        (
            "external",
            json!({ "At": { "level": 1, "inner": odd() } }),
            "has no z in external.At.inner",
        ),
        (
            "external",
            json!({ "At": { "level": 1, "inner": point(), "z": 1 } }),
            "has no z in external.At",
        ),
        ("external", json!({ "One": odd() }), "has no z in external.One"),
        ("external", json!({ "Two": [1, odd()] }), "has no z in external.Two.1"),
        ("external", json!("Off"), "fits"),
        ("internal", json!({ "kind": "On", "level": 1, "z": 1 }), "has no z in internal"),
        ("internal", json!({ "kind": "Other", "inner": odd() }), "has no z in internal.inner"),
        ("internal", json!({ "kind": "On", "loud": 1 }), "fits"),
        ("internal", json!({ "kind": "Off" }), "fits"),
        (
            "adjacent",
            json!({ "kind": "On", "of": { "level": 1, "z": 1 } }),
            "has no z in adjacent.of",
        ),
        ("adjacent", json!({ "kind": "Other", "of": point() }), "fits"),
        ("adjacent", json!({ "kind": "Off" }), "fits"),
        ("untagged", json!({ "level": 1, "z": 1 }), "has no z in untagged"),
        ("untagged", json!({ "inner": odd() }), "has no z in untagged.inner"),
        ("flat", json!({ "other": 1, "gain": 1, "atPoint": point(), "z": 1 }), "has no z in flat"),
        ("flat", json!({ "other": 1, "gain": 1, "atPoint": odd() }), "has no z in flat.atPoint"),
        ("flat", json!({ "other": 1, "gain": 1, "atPoint": point(), "tone": 1 }), "fits"),
        // The tag of a flattened enum has any name.
        ("flat_enum", json!({ "kind": "On", "level": 1, "count": 1, "z": 1 }), "fits"),
        ("spelled", json!({ "loud": 1 }), "fits"),
        ("spelled", json!({ "level": 1, "maybe": null }), "fits"),
        ("spelled", json!({ "level": 1, "in": 1 }), "fits"),
        ("spelled", json!({ "level": 1, "out": 1 }), "fits"),
    ] {
        assert_eq!(write(place, &value), end, "{place} {value}");
    }
}

/// The names that a message offers are those of the owner.
#[test]
fn an_unknown_member_is_reported_with_the_names_that_there_are() {
    let model = create_model("world", world());
    for (place, value, known) in [
        ("plain", json!({ "x": 1, "y": 1, "yy": 1 }), "`x`, `y`"),
        (
            "external",
            json!({ "At": { "level": 1, "inner": point(), "levels": 1 } }),
            "`level`, `inner`",
        ),
        ("internal", json!({ "kind": "On", "level": 1, "levels": 1 }), "`level`, `inner`"),
    ] {
        let error = model.set_value(place, value).unwrap_err().to_string();
        assert!(error.ends_with(&format!("it has {known}")), "{error}");
    }
}

/// A value whose parts are not known to sprag.
macro_rules! opaque {
    ($name:ident($content:ty): |$from:ident| $read:expr, |$into:ident| $write:expr) => {
        #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[model(leaf)]
        #[serde(from = "Form", into = "Form")]
        struct $name($content);

        impl From<Form> for $name {
            fn from($from: Form) -> Self {
                Self($read)
            }
        }

        impl From<$name> for Form {
            fn from($into: $name) -> Self {
                $write
            }
        }
    };
}

type Form = Vec<u16>;

opaque!(Ranked(Form): |form| { let mut form = form; form.sort(); form }, |own| own.0);
opaque!(Tags(HashSet<u16>):
    |form| form.into_iter().collect(), |own| own.0.into_iter().collect());
opaque!(Turned(Form): |form| form, |own| own.0.into_iter().rev().collect());

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Opaque {
    ranked: Ranked,
    tags: Tags,
    turned: Turned,
    nested: Vec<(u8, Turned)>,
}

#[test]
fn d0_numbers_in_another_order_are_kept_by_a_type_with_an_order_of_its_own_and_else_refused() {
    let opaque = create_model("opaque", Opaque::default());
    opaque.set_value("ranked", json!([3, 1, 2])).unwrap();
    opaque.patch_value("", json!({ "tags": [9, 7, 8, 6, 5, 4] })).unwrap();
    opaque.set_value("turned", json!([1, 2, 1])).unwrap();
    let (before, version) = (opaque.snapshot(), opaque.version());

    for (place, value, at) in [
        ("turned", json!([1, 2]), "turned"),
        ("nested", json!([[1, [3]], [2, [3, 4]]]), "nested.1.1"),
        ("", json!({ "ranked": [], "tags": [], "turned": [1, 2, 3], "nested": [] }), "turned"),
    ] {
        let error = opaque.set_value(place, value.clone()).unwrap_err();
        assert!(matches!(&error, PathError::Lossy { at: found, .. } if found == at), "{error}");
        let place = Address::parse(place).unwrap();
        let ops = json!([["=", place, value]]);
        let set = json!({ "from": version, "to": version + 1, "ops": ops });
        let set: Changeset = serde_json::from_value(set).unwrap();
        let error = opaque.apply(&set).unwrap_err().to_string();
        assert!(error.contains(at), "{error}");
    }
    assert_eq!((opaque.version(), opaque.snapshot()), (version, before));
}

#[test]
fn d0_a_number_under_an_alias_is_compared() {
    let spelled = create_model("spelled", Spelled::default());
    let error = spelled.set_value("", json!({ "loud": 16_777_217 })).unwrap_err();
    assert!(matches!(&error, PathError::Lossy { at, .. } if at == "loud"), "{error}");
    spelled.set_value("", json!({ "loud": 16_777_216 })).unwrap();
    let error = spelled.patch_value("", json!({ "loud": 16_777_217 })).unwrap_err();
    assert!(matches!(&error, PathError::Lossy { .. }), "{error}");
    assert_eq!((spelled.get(Spelled::PATHS.level), spelled.version()), (16_777_216.0, 1));
}

/// A default makes the value deeper than the JSON from which it is read.
#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Chain {
    #[serde(default = "one_more")]
    next: Option<Box<Chain>>,
}

fn one_more() -> Option<Box<Chain>> {
    Some(Box::new(Chain { next: None }))
}

#[test]
fn d0_a_default_makes_no_state_that_cannot_be_read_back() {
    let chain = create_model("chain", Chain { next: None });
    let nested = |depth| (1..depth).fold(json!({}), |inner, _| json!({ "next": inner }));
    let too_deep = nested(127);
    for error in [
        chain.set_value("", too_deep.clone()).unwrap_err(),
        chain.set_value("next", too_deep["next"].clone()).unwrap_err(),
    ] {
        assert!(matches!(error, PathError::TooDeep { .. }), "{error}");
    }
    let set = json!({ "from": 0, "to": 1, "ops": [["=", [], too_deep]] });
    let set: Changeset = serde_json::from_value(set).unwrap();
    let error = chain.apply(&set).unwrap_err().to_string();
    assert!(error.contains("127 deep"), "{error}");
    assert_eq!(chain.version(), 0);

    chain.set_value("", nested(126)).unwrap();
    let text = serde_json::to_string(&*chain.snapshot()).unwrap();
    assert_eq!(serde_json::from_str::<Chain>(&text).unwrap(), *chain.snapshot());
}
