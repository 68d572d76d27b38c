//! The errors of a wrong text or a wrong value, which change nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sprag::error::PathError;
use sprag::prelude::*;

use super::domain::{Media, Tv, full, tv};

/// The error of reading; writing must return the same one.
fn refused(path: &str) -> PathError {
    let tv = tv();
    let error = tv.get_value(path).unwrap_err();
    for write in [Value::Null, json!(1), json!({ "title": "x" })] {
        let text = tv.set_value(path, write.clone()).unwrap_err().to_string();
        assert_eq!(text, error.to_string());
        assert_eq!(tv.patch_value(path, write).unwrap_err().to_string(), text);
    }
    assert_eq!((tv.version(), &*tv.snapshot()), (0, &full()), "an error changes nothing");
    error
}

#[test]
fn an_unknown_name_is_reported_with_its_position_and_the_known_names() {
    let error = refused("playback.urll");
    assert_eq!(
        error.to_string(),
        "there is no `urll` in `playback`; did you mean `url`? it has `url`, `position`"
    );
    let PathError::Unknown { path, name, within, known, nearest } = error else { panic!() };
    assert_eq!((&*path, &*name, &*within), ("playback.urll", "urll", "playback"));
    assert_eq!((known.len(), nearest.as_deref()), (2, Some("url")));

    let error = refused("users.7.adresses.0");
    assert!(error.to_string().starts_with("there is no `adresses` in `users.7`; did you mean"));
    let error = refused("zzz").to_string();
    assert!(error.starts_with("there is no `zzz` in the state; it has `playback`, "), "{error}");
    let error = refused("media.paused").to_string();
    assert_eq!(
        error,
        "there is no `paused` in `media`; it has `idle`, `playing`, `failed`, `live`"
    );
}

#[test]
fn a_name_is_checked_even_where_nothing_is() {
    let tv = create_model("tv", Tv::default());
    let error = tv.get_value("current.titel").unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no `titel` in `current`; did you mean `title`? it has `title`, `seconds`"
    );
}

#[test]
fn an_absent_place_is_reported_as_absent() {
    let tv = create_model("tv", Tv::default());
    for path in ["current.title", "media.playing.url", "media.failed.0", "folder.inner.name"] {
        let error = tv.get_value(path).unwrap_err();
        assert!(matches!(&error, PathError::Absent(absent) if absent.path() == path), "{error}");
        let error = tv.set_value(path, json!("x")).unwrap_err();
        assert!(matches!(&error, PathError::Absent(absent) if absent.path() == path), "{error}");
    }
    assert_eq!(tv.version(), 0);
}

#[test]
fn d0_a_list_of_some_names_says_that_there_are_more() {
    let numbers = |count| create_model("numbers", (0..count).map(|n| (n, n)).collect());
    let error = |count: u32| {
        let numbers: Model<BTreeMap<u32, u32>> = numbers(count);
        numbers.get_value("many").unwrap_err().to_string()
    };
    assert!(error(16).ends_with("`14`, `15`"), "{}", error(16));
    assert!(error(17).ends_with("`14`, `15` and more"), "{}", error(17));
}

#[test]
fn a_key_that_is_not_there_is_named() {
    let tv = tv();
    let error = tv.get_value("users.77").unwrap_err();
    assert_eq!(error.to_string(), "there is no `77` in `users`; did you mean `7`? it has `7`, `9`");
    let error = refused("users.77.name");
    assert!(matches!(&error, PathError::NoEntry { key, .. } if key == "77"), "{error}");
    let error = tv.set_value("users.many", json!({ "name": "x" })).unwrap_err();
    assert!(matches!(&error, PathError::NoKey { .. }), "{error}");
    assert_eq!(error.to_string(), "`many` is not a key of `users`");
}

#[test]
fn an_index_must_be_there() {
    for path in ["queue.2", "queue.2.title", "queue.01", "queue.+1", "queue.-1", "queue.first"] {
        let error = refused(path);
        assert!(matches!(error, PathError::NoIndex { len: 2, .. }), "{path}: {error}");
    }
    for path in ["queue.2", "queue.2.title"] {
        assert_eq!(refused(path).to_string(), "`queue` has no index `2`; its length is 2");
    }
}

#[test]
fn no_place_is_below_an_opaque_value() {
    let text = "`casting` is a single value without places below it; end the path there";
    assert_eq!(refused("casting.x").to_string(), text);
    for path in ["pair.0", "playback.url.len", "casting."] {
        assert!(matches!(refused(path), PathError::BelowLeaf { .. }), "{path}");
    }
}

#[test]
fn a_place_below_a_flattened_leaf_is_in_the_field_that_has_it() {
    #[derive(Model, Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
    struct Label {
        #[serde(flatten)]
        #[model(leaf)]
        extra: BTreeMap<String, u8>,
        #[serde(flatten)]
        size: Size,
        #[serde(flatten)]
        colour: Colour,
    }
    #[derive(Model, Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
    struct Size {
        width: u8,
    }
    #[derive(Model, Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
    struct Colour {
        red: u8,
    }
    let label = create_model("label", Label::default());
    for name in ["width", "red"] {
        assert_eq!(label.get_value(name).unwrap(), json!(0));
        let error = label.get_value(&format!("{name}.x")).unwrap_err();
        assert!(matches!(&error, PathError::BelowLeaf { leaf, .. } if leaf == name), "{error}");
    }
}

#[test]
fn an_unknown_name_behind_a_flattened_field_is_said_where_it_is() {
    #[derive(Model, Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
    struct Label {
        #[serde(flatten)]
        style: Style,
    }
    #[derive(Model, Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
    struct Style {
        size: Size,
    }
    #[derive(Model, Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
    struct Size {
        width: u8,
    }
    let label = create_model("label", Label::default());
    let error = label.get_value("size.widths").unwrap_err();
    let PathError::Unknown { name, within, nearest, .. } = &error else { panic!("{error}") };
    assert_eq!((&**name, &**within, nearest.as_deref()), ("widths", "size", Some("width")));
}

#[test]
fn a_variant_is_not_a_place() {
    let text = "`media.playing` is a variant; continue with one of its fields; it has `url`, `at`";
    assert_eq!(refused("media.playing").to_string(), text);
    assert!(matches!(refused("media.idle"), PathError::Variant { .. }));
}

#[test]
fn odd_texts_are_not_places() {
    for path in [".", "..", ".playback", "playback.", "playback..url", " playback", "Playback"] {
        assert!(matches!(refused(path), PathError::Unknown { .. }), "{path:?}");
    }
}

#[test]
fn a_value_that_does_not_fit_is_said_where_and_why() {
    let tv = tv();
    let error = tv.set_value("playback", json!({ "url": null, "position": "x" })).unwrap_err();
    let source = "invalid type: string \"x\", expected u64";
    assert_eq!(
        error.to_string(),
        format!("the value does not fit `playback` (at `position`): {source}")
    );
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), source);

    for (path, value) in [
        ("playback.position", json!(-1)),
        ("casting", Value::Null),
        ("users", json!([])),
        ("users.7", json!({})),
        ("media", json!("Stopped")),
        ("", json!({})),
        ("point.0", json!(1.5)),
    ] {
        let error = tv.set_value(path, value.clone()).unwrap_err();
        assert!(matches!(error, PathError::Misfit { .. }), "{path}: {error}");
        let error = tv.patch_value(path, json!({ "a": value })).err();
        let is_refused = |error: PathError| error.is_misfit() || error.is_not_found();
        assert!(error.is_none_or(is_refused), "{path}");
    }
}

#[test]
fn a_value_that_does_not_fit_changes_nothing() {
    let tv = tv();
    let _s = tv.subscribe(Tv::PATHS, |_, _| panic!("nobody is told"));
    tv.set_value("playback.position", json!("x")).unwrap_err();
    tv.patch_value("", json!({ "casting": false, "point": 3 })).unwrap_err();
    assert_eq!((tv.version(), &*tv.snapshot(), tv.panics()), (0, &full(), 0));
}

#[test]
fn d0_a_value_that_json_cannot_carry_refuses_no_write_of_another_place() {
    #[derive(Model, Clone, Debug, serde::Serialize, serde::Deserialize)]
    struct Odd {
        ratio: f64,
        other: u8,
    }
    let odd = create_model("odd", Odd { ratio: f64::NAN, other: 1 });
    odd.set_value("other", json!(2)).unwrap();
    odd.patch_value("", json!({ "other": 3 })).unwrap();
    assert_eq!(odd.get_value("other").unwrap(), json!(3));
    odd.set_value("ratio", json!(0.5)).unwrap();
    assert_eq!(odd.version(), 3);
}

#[test]
fn the_variant_may_change_and_the_place_with_it() {
    let tv = tv();
    tv.set(Tv::PATHS.media, Media::Idle);
    let error = tv.set_value("media.playing.url", json!("/x")).unwrap_err();
    assert!(matches!(error, PathError::Absent(_)));
    tv.set_value("media", json!({ "Failed": ["gone", 1] })).unwrap();
    assert_eq!(tv.get(Tv::PATHS.media), Media::Failed("gone".into(), 1));
}

#[test]
fn requests_cannot_nest_a_state_deeper_than_a_stack_bears() {
    #[derive(Model, Clone, Default, serde::Serialize, serde::Deserialize)]
    struct Node {
        next: Option<Box<Node>>,
    }
    let node = create_model("node", Node::default());
    let mut path = "next".to_owned();
    let error = loop {
        match node.set_value(&path, json!({})) {
            Ok(_) => path.push_str(".next"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, PathError::TooDeep { .. }), "{error}");
    assert_eq!(path.split('.').count(), 127);

    let nested = (0..128).fold(json!({}), |inner, _| json!({ "next": inner }));
    let error = node.patch_value("", nested).unwrap_err();
    assert!(matches!(error, PathError::TooDeep { .. }), "{error}");
    let error = node.set_value("next", json!({ "next": [[]] })).unwrap_err();
    assert!(matches!(error, PathError::Misfit { .. }), "{error}");
}

#[test]
fn nothing_is_suggested_for_a_name_that_would_have_to_change_wholly() {
    #[derive(Model, Clone, Default, serde::Serialize)]
    struct Point {
        x: u8,
    }
    let point = create_model("point", Point::default());
    for (name, nearest) in [("", None), ("y", None), ("xx", Some("x"))] {
        let error = point.get_value(&format!("{name}.0")).unwrap_err();
        let PathError::Unknown { nearest: found, .. } = error else { panic!("{error}") };
        assert_eq!(found.as_deref(), nearest, "for `{name}`");
    }
}

#[test]
fn controls_and_changes_of_direction_are_shown_as_escapes() {
    for text in ["\0", "\u{1b}[31m", "a\nb", "\u{202e}", "playback.\u{1b}", "queue.\r", "\"\u{7}"] {
        let error = refused(text).to_string();
        let is_odd = |letter: char| letter.is_control() || letter == '\u{202e}';
        assert!(!error.chars().any(is_odd), "{error:?}");
    }
    assert!(refused("a\nb").to_string().starts_with(r"there is no `a\nb` in the state"));
    assert!(refused("ǻ\u{200d}").to_string().starts_with("there is no `ǻ\u{200d}` in"));
}

/// The kinds of an error: not found, read-only, hidden, a misfit, and of the syntax.
fn kinds(error: &PathError) -> [bool; 5] {
    let (is_read_only, is_hidden) = (error.is_read_only(), error.is_hidden());
    [error.is_not_found(), is_read_only, is_hidden, error.is_misfit(), error.is_syntax()]
}

#[test]
fn an_error_is_of_one_kind() {
    #[derive(Model, Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
    struct Odd {
        #[serde(rename(serialize = "written", deserialize = "read"))]
        renamed: u8,
        #[serde(skip)]
        gone: u8,
    }
    let [not_found, read_only, hidden, misfit, syntax] =
        std::array::from_fn(|kind| std::array::from_fn(|other| other == kind));
    let tv = tv();
    for (path, kind) in [
        ("zzz", not_found),
        ("users.77", not_found),
        ("queue.9", not_found),
        ("media.failed.0", not_found),
        ("casting.x", not_found),
        ("media.playing", hidden),
        ("\"", syntax),
    ] {
        let error = tv.get_value(path).unwrap_err();
        assert_eq!(kinds(&error), kind, "{error:?}");
    }
    let odd = create_model("odd", Odd::default());
    for (error, kind) in [
        (tv.set_value("users.many", json!({ "name": "x" })), not_found),
        (tv.set_value("casting", Value::Null), misfit),
        (tv.patch_value("", json!({ "zzz": 1 })), misfit),
        (odd.set_value("written", json!(1)), read_only),
        (odd.set_value("gone", json!(1)), hidden),
    ] {
        let error = error.unwrap_err();
        assert_eq!(kinds(&error), kind, "{error:?}");
    }
}

#[test]
fn a_text_of_200_bytes_is_shown_whole() {
    let point = create_model("point", 7_u8);
    let shown = |text: &str| {
        let error = point.get_value(&format!("{text}.x")).unwrap_err();
        let PathError::BelowLeaf { path, .. } = error else { panic!("{error}") };
        path
    };
    let text = |count: usize| "x".repeat(count);
    assert_eq!(shown(&text(198)), format!("{}.x", text(198)));
    assert_eq!(shown(&text(199)), format!("{}.…", text(199)));
    assert_eq!(shown(&text(200)), format!("{}…", text(200)));
    assert_eq!(shown(&text(201)), format!("{}…", text(200)));
    // A letter and an escape are not cut apart.
    assert_eq!(shown(&format!("{}é", text(199))), format!("{}…", text(199)));
    assert_eq!(shown(&format!("{}\u{1b}", text(198))), format!("{}…", text(198)));
}

#[test]
fn an_error_of_the_users_serialize_is_the_error_of_a_read() {
    #[derive(Model, Clone, Debug, Default)]
    struct Broken {
        number: u8,
    }
    impl serde::Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it is broken"))
        }
    }
    let broken = create_model("broken", Broken { number: 1 });
    for path in ["", "number"] {
        let error = broken.get_value(path).unwrap_err();
        assert!(matches!(error, PathError::RoundTrip { .. }), "{error}");
        assert!(error.to_string().contains("it is broken"), "{error}");
    }
    assert_eq!(broken.get(Broken::PATHS.number), 1);
}
