//! The tree of names, types and documentation as data.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::path::Kind;
use sprag::prelude::*;
use sprag::state::Description;

use super::domain::{Tv, tv};

fn child<'a>(description: &'a Description, name: &str) -> &'a Description {
    description.children.iter().find(|child| child.name == name).expect(name)
}

#[test]
fn the_outline_names_kinds_types_and_documentation() {
    let description = tv().describe();
    assert!(description.type_name.ends_with("Tv"));
    assert_eq!((description.name, description.kind, description.doc), ("", Kind::Struct, ""));

    let playback = child(&description, "playback");
    assert_eq!((playback.kind, playback.doc), (Kind::Struct, "The playback."));
    let url = child(playback, "url");
    assert_eq!((url.kind, url.doc), (Kind::Option, "The film's address."));
    assert_eq!(url.type_name, std::any::type_name::<Option<String>>());

    let names =
        |description: &Description| description.children.iter().map(|c| c.name).collect::<Vec<_>>();
    assert_eq!(
        names(child(&description, "current")),
        ["title", "seconds"],
        "an option has no name"
    );
    let media = child(&description, "media");
    assert_eq!((media.kind, names(media)), (Kind::Enum, vec!["idle", "playing", "failed", "live"]));
    assert_eq!(child(media, "playing").kind, Kind::Variant);
    assert_eq!(names(child(&description, "point")), ["0", "1"]);
    let users = child(&description, "users");
    assert_eq!((users.kind, names(users)), (Kind::Map, vec!["*"]));
    assert_eq!(names(child(users, "*")), ["name", "addresses"]);
    assert_eq!(child(&description, "queue").kind, Kind::List);
    assert_eq!(child(&description, "pair").kind, Kind::Leaf);
}

#[test]
fn a_type_that_contains_itself_is_drawn_once() {
    let description = tv().describe();
    let folder = child(&description, "folder");
    assert!(!folder.recursive);
    let inner = child(folder, "inner");
    assert!(inner.recursive && inner.children.is_empty());
    let entry = child(child(folder, "folders"), "*");
    assert!(entry.recursive && entry.children.is_empty() && entry.kind == Kind::Struct);
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tree {
    name: String,
    branches: Vec<Branch>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Branch {
    weight: u8,
    #[serde(flatten)]
    tree: Tree,
}

#[test]
fn a_type_that_is_flattened_inside_of_itself_is_drawn_once() {
    let description = create_model("tree", Tree::default()).describe();
    assert!(!description.recursive);
    let branch = child(child(&description, "branches"), "*");
    let names: Vec<_> = branch.children.iter().map(|child| child.name).collect();
    assert_eq!((names, branch.recursive), (vec!["weight"], true), "the rest is left out");
}

#[test]
fn the_outline_is_data() {
    let description = serde_json::to_value(tv().describe()).unwrap();
    assert_eq!(
        description["children"][0]["children"][1],
        json!({
            "name": "position", "kind": "leaf", "type_name": "u64",
            "doc": "", "recursive": false, "children": [],
        })
    );
}

/// An inspector opens what the description lists.
#[test]
fn every_place_of_the_outline_is_found_by_its_text() {
    let tv = tv();
    let mut seen = 0;
    visit(&tv.describe(), "", &mut |path, description| {
        seen += 1;
        match tv.get_value(path) {
            Ok(value) => check(description, &value),
            Err(error) => assert!(path.starts_with("media."), "{path}: {error}"),
        }
    });
    assert!(seen > 40, "{seen}");
}

fn check(description: &Description, value: &Value) {
    match description.kind {
        Kind::List => assert!(value.is_array()),
        Kind::Map => assert!(value.is_object()),
        _ => {}
    }
}

fn visit(description: &Description, path: &str, see: &mut impl FnMut(&str, &Description)) {
    see(path, description);
    for child in &description.children {
        let name = match (child.name, path) {
            ("*", "users") => "7",
            ("*", "labels") => "a",
            ("*", "named") => "ann",
            ("*", _) => "0",
            (name, _) => name,
        };
        let separator = if path.is_empty() { "" } else { "." };
        visit(child, &format!("{path}{separator}{name}"), see);
    }
}

#[test]
fn a_type_without_the_derive_can_be_described_as_the_state_of_a_store() {
    let store = create_store("tv", Tv::default());
    assert_eq!(store.describe(), tv().describe());
}

/// A song.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Song {
    title: String,
    /// In stars.
    rating: Option<u8>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Player {
    /// Nothing plays.
    #[default]
    Off,
    #[serde(skip)]
    #[allow(dead_code, reason = "the outline leaves it out")]
    Broken { reason: String },
    /// A song plays.
    On {
        /// The song.
        song: Song,
        /// In seconds.
        at: u64,
    },
    Pair(
        /// The first.
        Song,
        /// The second.
        Box<Song>,
    ),
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Extra {
    /// The level.
    level: u8,
    next: Option<Box<Extra>>,
}

/// All of it.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    player: Player,
    first: Song,
    /// May be there.
    second: Option<Song>,
    third: Option<Song>,
    #[serde(flatten)]
    extra: Extra,
    #[serde(skip)]
    secret: u8,
    list: VecDeque<Song>,
    map: BTreeMap<String, Song>,
    set: BTreeSet<u8>,
}

/// One line for each description: its depth, name, kind and documentation; `…` where the type
/// comes again.
fn outline(description: &Description, depth: usize, lines: &mut Vec<String>) {
    let data = serde_json::to_value(description).unwrap();
    let (name, kind) = (description.name, data["kind"].as_str().unwrap());
    let again = if description.recursive { " …" } else { "" };
    lines.push(format!("{depth} {name}: {kind}{again} {}", description.doc).trim_end().to_owned());
    description.children.iter().for_each(|child| outline(child, depth + 1, lines));
}

#[test]
fn the_outline_has_the_documentation_of_each_place_and_no_place_twice() {
    let mut lines = Vec::new();
    outline(&create_model("room", Room::default()).describe(), 0, &mut lines);
    let song =
        |depth: u8| [format!("{depth} title: leaf"), format!("{depth} rating: option In stars.")];
    let mut expected = vec!["0 : struct All of it.".to_owned(), "1 player: enum".to_owned()];
    let mut add = |place: &str, below: &[String]| {
        expected.push(place.to_owned());
        expected.extend_from_slice(below);
    };
    add("2 off: variant Nothing plays.", &[]);
    add("2 on: variant A song plays.", &[]);
    add("3 song: struct The song.", &song(4));
    add("3 at: leaf In seconds.", &[]);
    add("2 pair: variant", &[]);
    add("3 0: struct The first.", &song(4));
    add("3 1: struct The second.", &song(4));
    add("1 first: struct A song.", &song(2));
    add("1 second: option May be there.", &song(2));
    add("1 third: option A song.", &song(2));
    add("1 level: leaf The level.", &[]);
    add("1 next: option …", &[]);
    add("1 list: list", &[]);
    add("2 *: struct A song.", &song(3));
    add("1 map: map", &[]);
    add("2 *: struct A song.", &song(3));
    add("1 set: set", &["2 *: leaf".to_owned()]);
    assert_eq!(lines, expected);
}
