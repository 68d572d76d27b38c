//! The tree of names, types and documentation as data.

use serde_json::{Value, json};
use sprag::path::Kind;
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
    let store = sprag::create_store("tv", Tv::default());
    assert_eq!(store.describe(), tv().describe());
}
