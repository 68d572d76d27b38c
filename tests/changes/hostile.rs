//! Changesets that a stranger wrote: they are applied whole or refused whole.

use proptest::prelude::*;
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag::state::Changeset;

use crate::domain::*;

/// A name or an index that may lead somewhere.
fn part() -> impl Strategy<Value = Value> {
    let names = [
        "seenCount",
        "name",
        "maybe",
        "note",
        "tags",
        "odd",
        "list",
        "deque",
        "array",
        "byId",
        "byRoom",
        "byColor",
        "ordered",
        "sharedList",
        "sharedMap",
        "x",
        "z",
        "deepRest",
        "flat",
        "external",
        "internal",
        "adjacent",
        "untagged",
        "node",
        "next",
        "boxed",
        "pair",
        "wrapped",
        "tuple",
        "set",
        "secret",
        "custom",
        "opaque",
        "title",
        "stars",
        "marks",
        "Playing",
        "Named",
        "kind",
        "t",
        "c",
        "item",
        "speed",
        "dark-red",
        "set",
        "arranged",
        "colors",
        "hashed",
        "maybeSet",
        "7",
        "0",
        "",
        "__proto__",
        "a.b",
    ];
    prop_oneof![
        8 => proptest::sample::select(names.to_vec()).prop_map(Value::from),
        4 => (0_u64..4).prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => Just(Value::from(u64::MAX)),
        1 => (0_u64..9).prop_map(|member| json!([member])),
        1 => proptest::sample::select(names.to_vec()).prop_map(|member| json!([member])),
        1 => Just(json!([item(1, 2)])),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..9).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((part(), inner), 0..4).prop_map(|members| {
                let named = members
                    .into_iter()
                    .map(|(name, value)| (name.to_string().trim_matches('"').to_owned(), value));
                Value::Object(named.collect())
            }),
            Just(serde_json::to_value(item(1, 2)).unwrap()),
        ]
    })
}

fn op() -> impl Strategy<Value = Value> {
    let place = || proptest::collection::vec(part(), 0..4).prop_map(Value::from);
    let index = || prop_oneof![8 => 0_u64..5, 1 => any::<u64>(), 1 => Just(u64::MAX)];
    let indices = move || proptest::collection::vec(index(), 0..4);
    prop_oneof![
        (place(), value()).prop_map(|(place, value)| json!(["=", place, value])),
        (place(), value()).prop_map(|(place, value)| json!(["+", place, value])),
        (place(), value()).prop_map(|(mut place, value)| {
            place.as_array_mut().unwrap().push(json!([value]));
            json!(["+", place])
        }),
        place().prop_map(|place| json!(["-", place])),
        (place(), indices()).prop_map(|(place, indices)| json!(["-", place, indices])),
        (place(), index(), indices())
            .prop_map(|(place, first, from)| json!(["~", place, first, from])),
    ]
}

/// The text of a changeset, of which some parts may be anything.
fn written() -> impl Strategy<Value = String> {
    let by = prop_oneof![3 => Just(Value::Null), 1 => Just(json!(["tab", 3])), 1 => value()];
    let number = || prop_oneof![8 => (0_u64..3).prop_map(Value::from), 1 => value()];
    let ops = proptest::collection::vec(op(), 0..4);
    (number(), number(), by, ops).prop_map(|(from, to, by, ops)| {
        json!({ "from": from, "to": to, "by": by, "ops": ops }).to_string()
    })
}

/// A place in a text, how many letters go there, and what comes.
type Edit = (prop::sample::Index, usize, &'static str);

/// Texts of changesets, with a few edits, and texts of anything.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "",
        "[",
        "]",
        "{",
        "}",
        "\"",
        ",",
        ":",
        "-",
        "0",
        "1e999",
        "-1",
        "null",
        "\\",
        "\\u0000",
        "\\ud800",
        "\u{0}",
        "\u{202e}",
        "18446744073709551616",
        "[[[[[[[[",
        "\"ops\":[],",
    ];
    let edit =
        (any::<prop::sample::Index>(), 0_usize..4, proptest::sample::select(pieces.to_vec()));
    let edits = proptest::collection::vec(edit, 0..4);
    prop_oneof![
        6 => (written(), edits).prop_map(|(text, edits)| edits.into_iter().fold(text, edited)),
        1 => ".{0,64}",
        1 => "[\\[\\]{}\",:0-9=+~ -]{0,64}",
    ]
}

fn edited(text: String, (at, gone, piece): Edit) -> String {
    let letters: Vec<char> = text.chars().collect();
    let (before, after) = letters.split_at(at.index(letters.len() + 1));
    let after = after.iter().skip(gone);
    before.iter().copied().chain(piece.chars()).chain(after.copied()).collect()
}

/// A way to apply a changeset.
type Way = fn(&Model<World>, &Changeset) -> Result<u64, String>;

/// The last one refuses the changeset after its ops.
const WAYS: [Way; 5] = [
    |world, set| world.apply(set).map_err(|error| error.to_string()),
    |world, set| world.apply_at(set).map_err(|error| error.to_string()),
    |world, set| world.apply_as(set).map_err(|error| error.to_string()),
    |world, set| {
        let applied = world.apply_if(set, |_| Ok::<(), String>(()), |_| Ok(()));
        applied.map_err(|error| error.to_string())
    },
    |world, set| {
        let applied = world.apply_if(set, |_| Ok(()), |_| Err("refused".to_owned()));
        applied.map_err(|error| error.to_string())
    },
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn d3_any_text_is_applied_whole_or_refused_whole(
        start in proptest::collection::vec(any::<Action>(), 0..8),
        text in text(),
    ) {
        let set = match serde_json::from_str::<Changeset>(&text) {
            Ok(set) => set,
            Err(error) => {
                prop_assert!(error.to_string().len() < 2_000);
                return Ok(());
            }
        };
        let world = create_model("world", World::default());
        start.into_iter().for_each(|action| write(&world, action));
        let state = World::clone(&world.snapshot());
        for (way, apply) in WAYS.iter().enumerate() {
            let world = create_model("world", state.clone());
            match apply(&world, &set) {
                Ok(version) => prop_assert!(way < 4 && version == world.version() && version > 0),
                Err(error) => {
                    prop_assert!(error.len() < 2_000);
                    prop_assert_eq!((world.version(), &*world.snapshot()), (0, &state));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn d3_hostile_changesets_change_all_or_nothing(start in proptest::collection::vec(any::<Action>(), 0..20), ops in proptest::collection::vec(op(), 0..6)) {
        let world = create_model("world", World::default());
        start.into_iter().for_each(|action| write(&world, action));
        let (before, version) = (world.snapshot(), world.version());
        let ops = ops.into_iter().filter_map(|op| serde_json::from_value(op).ok()).collect();
        let set = Changeset::new(0, 1, ops);

        match world.apply(&set) {
            Ok(applied) => prop_assert_eq!(applied, version + 1),
            Err(error) => {
                prop_assert!(error.to_string().len() < 2_000);
                prop_assert_eq!((world.snapshot(), world.version()), (before, version));
            }
        }
    }
}

#[test]
fn d3_depth_and_length_are_bounded() {
    let world = create_model("world", World::default());
    let refused = |ops: Value| {
        let set = serde_json::from_value(json!({ "from": 0, "to": 1, "ops": ops })).unwrap();
        world.apply(&set).unwrap_err().to_string()
    };
    let deep = (0..200)
        .fold(json!(null), |inner, _| json!({ "value": 1, "next": inner, "boxed": item(0, 0) }));
    let long: Vec<Value> = std::iter::repeat_n(json!("next"), 100_000).collect();

    assert!(refused(json!([["=", ["node"], deep]])).contains("127 deep"));
    assert!(refused(json!([["=", long, 1]])).len() < 2_000);
    assert!(refused(json!([["=", ["x".repeat(1_000_000)], 1]])).len() < 2_000);
}

/// A changeset cannot nest a state deeper than `serde_json` reads it.
#[test]
fn d3_a_state_that_changesets_have_nested_can_be_read_back() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    #[serde(default)]
    struct Tree {
        next: Option<Box<Tree>>,
        value: u8,
        #[serde(skip_serializing_if = "std::collections::BTreeSet::is_empty")]
        set: std::collections::BTreeSet<Vec<u8>>,
    }

    let tree = create_model("tree", Tree::default());
    let apply = |op: Value| {
        let set = serde_json::from_value(json!({ "from": 0, "to": 1, "ops": [op] })).unwrap();
        tree.apply(&set)
    };
    let below = |depth: usize, last: Value| {
        let mut place = vec![json!("next"); depth];
        place.extend(last.as_array().unwrap().iter().cloned());
        place
    };
    let deepest = (1..).find(|&depth| apply(json!(["=", below(depth, json!([])), {}])).is_err());
    assert_eq!(deepest, Some(127));
    apply(json!(["=", below(126, json!(["value"])), 1])).unwrap();
    apply(json!(["+", below(124, json!(["set", [[1]]]))])).unwrap();
    let error = apply(json!(["+", below(125, json!(["set", [[1]]]))])).unwrap_err();
    assert!(error.to_string().contains("127 deep"), "{error}");

    let text = serde_json::to_string(&*tree.snapshot()).unwrap();
    assert_eq!(serde_json::from_str::<Tree>(&text).unwrap(), *tree.snapshot());
}

#[test]
fn d3_an_index_may_be_any_number() {
    let world = create_model("world", World { list: vec![item(1, 2)], ..World::default() });
    for index in [2, u64::MAX - 1, u64::MAX] {
        for op in [
            json!(["+", ["list", index], item(0, 0)]),
            json!(["+", ["list", index], item(0, 0), item(0, 0)]),
            json!(["=", ["list", index], item(0, 0)]),
            json!(["-", ["list", index]]),
            json!(["-", ["list"], [index]]),
            json!(["~", ["list"], index, [0]]),
            json!(["~", ["list"], 0, [index]]),
        ] {
            let set = json!({ "from": 0, "to": 1, "ops": [op] });
            let set = serde_json::from_value(set).unwrap();
            assert!(world.apply(&set).is_err(), "{op}");
        }
    }
    assert_eq!((world.version(), world.get(World::PATHS.list)), (0, vec![item(1, 2)]));
}

#[test]
fn d3_errors_are_bounded_and_show_controls_as_escapes() {
    let world = create_model("world", World::default());
    let error = |ops: Value| {
        let set = json!({ "from": 0, "to": 1, "ops": ops });
        let read = serde_json::from_value::<Changeset>(set);
        match read {
            Ok(set) => world.apply(&set).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        }
    };
    let long = "x\u{1b}[31m\n\u{202e}".repeat(100_000);

    for ops in [
        json!(long),
        json!([long]),
        json!([[long, ["name"], 1]]),
        json!([["=", [long], 1]]),
        json!([["=", ["byId", long], 1]]),
        json!([["=", ["seenCount"], long]]),
        json!([["=", ["internal"], { "kind": long }]]),
        json!([["+", ["set", [long]]]]),
        json!([["+", ["list", long], item(0, 0)]]),
        json!([["-", ["odd", long]]]),
    ] {
        let error = error(ops);
        let is_odd = |letter: char| letter.is_control() || letter == '\u{202e}';
        assert!(error.len() < 2_000 && !error.chars().any(is_odd), "{error:.300}");
    }
    assert!(error(json!([["=", [], { "name": 1 }]])).contains("does not fit the state"));
    assert_eq!(world.version(), 0);
}
