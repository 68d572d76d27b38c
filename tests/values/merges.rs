//! D0: a merge leaves what it does not name, whatever serde's attributes are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::prelude::*;

/// Merges into `plays` at the root and behind a key: the other member stays.
macro_rules! keeps {
    ($($name:ident: $(#[$item:meta])* { $(#[$field:meta])* $author:ident })*) => {$(
        #[test]
        fn $name() {
            #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
            $(#[$item])*
            struct Song {
                $(#[$field])*
                $author: String,
                #[serde(rename = "plays")]
                plays: u32,
            }

            #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
            struct Songs {
                deep: BTreeMap<String, Song>,
            }

            let song = || Song { $author: "ann".into(), plays: 1 };
            let model = create_model("song", song());
            model.patch_value("", json!({ "plays": 2 })).unwrap();
            assert_eq!(*model.snapshot(), Song { plays: 2, ..song() });

            let songs = Songs { deep: BTreeMap::from([("a".into(), song())]) };
            let model = create_model("songs", songs);
            model.patch_value("", json!({ "deep": { "a": { "plays": 3 } } })).unwrap();
            model.set_value("deep.a.plays", json!(4)).unwrap();
            assert_eq!(model.snapshot().deep["a"], Song { plays: 4, ..song() });
        }
    )*};
}

keeps! {
    d0_a_written_name: { #[serde(default, rename(serialize = "by"))] author }
    d0_a_read_name: { #[serde(default, rename(deserialize = "by"))] author }
    d0_two_names: { #[serde(default, rename(serialize = "by", deserialize = "of"))] author }
    d0_two_names_in_two_attributes: {
        #[serde(default)] #[serde(rename(serialize = "by"))] #[serde(rename(deserialize = "of"))] author
    }
    d0_written_cases: #[serde(rename_all(serialize = "UPPERCASE"))] { #[serde(default)] author }
    d0_skipped_when_written: { #[serde(skip_serializing, default)] author }
    d0_skipped_when_read: { #[serde(skip_deserializing)] author }
    d0_skipped: { #[serde(skip)] author }
    d0_left_out: { #[serde(default, skip_serializing_if = "String::is_empty")] author }
    d0_an_alias: { #[serde(alias = "author")] writer }
}

#[test]
fn d0_the_written_name_of_two_attributes_is_the_one_in_the_text() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Split {
        #[serde(rename(serialize = "s2"))]
        #[serde(rename(deserialize = "d2"))]
        v2: u8,
    }

    let split = create_model("split", Split { v2: 1 });
    assert_eq!(Split::PATHS.v2.to_string(), "s2");
    assert_eq!(split.get_value("s2").unwrap(), json!(1));
    assert!(split.set_value("s2", json!(2)).unwrap_err().is_read_only());
}

#[test]
fn d0_a_merge_takes_aliases_and_refuses_what_nothing_has() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Tv {
        playback: Playback,
        #[serde(alias = "sound")]
        volume: u8,
        #[serde(flatten)]
        extra: BTreeMap<String, u8>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Playback {
        url: Option<String>,
        position: u64,
    }

    let tv = create_model("tv", Tv::default());
    tv.patch_value("", json!({ "sound": 3, "more": 4 })).unwrap();
    assert_eq!((tv.snapshot().volume, tv.snapshot().extra["more"]), (3, 4));
    tv.patch_value("", json!({ "more": null })).unwrap();
    assert!(tv.snapshot().extra.is_empty());

    let version = tv.version();
    let typo = json!({ "positon": 90 });
    for error in [
        tv.patch_value("", json!({ "playback": typo.clone() })).unwrap_err(),
        tv.patch_value("playback", typo.clone()).unwrap_err(),
        tv.set_value("playback", json!({ "position": 1, "positon": 2 })).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(error.is_misfit(), "{text}");
        assert!(text.contains("`positon`") && text.contains("did you mean `position`?"), "{text}");
        assert!(text.contains("`url`"), "{text}");
    }
    assert_eq!(tv.version(), version);
}

#[test]
fn d0_a_patch_of_nothing_commits_nothing() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Tv {
        inner: Inner,
        map: BTreeMap<String, Inner>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Inner {
        x: u8,
    }

    let tv = create_model("tv", Tv::default());
    for patch in
        [json!({}), json!({ "inner": {} }), json!({ "map": {} }), json!({ "map": { "a": null } })]
    {
        assert_eq!(tv.patch_value("", patch).unwrap(), 0);
    }
    assert_eq!(tv.patch_value("", json!({ "inner": { "x": 1 } })).unwrap(), 1);
}

#[test]
fn d0_a_null_gives_a_field_its_default_where_serde_has_one() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Tv {
        #[serde(default)]
        position: u64,
        title: String,
        url: Option<String>,
    }

    let state = Tv { position: 3, title: "t".into(), url: Some("/a".into()) };
    let tv = create_model("tv", state.clone());
    tv.patch_value("", json!({ "position": null, "url": null })).unwrap();
    assert_eq!(*tv.snapshot(), Tv { position: 0, url: None, ..state });
    let error = tv.patch_value("", json!({ "title": null })).unwrap_err();
    assert!(error.to_string().contains("missing field `title`"), "{error}");
    assert_eq!(tv.version(), 1);
}

/// A merge into an enum stays in its variant, or names the other one.
#[test]
fn d0_enums_are_merged_into_and_switched() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Media {
        Idle,
        Playing { url: String, at: u8 },
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "mode")]
    enum Mode {
        Idle,
        Busy { with: String, since: u8 },
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Tv {
        media: Media,
        mode: Mode,
        #[serde(flatten)]
        flat: Option<Mode2>,
        other: u8,
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "mode2")]
    enum Mode2 {
        A { a: u8 },
        B { b: u8 },
    }

    let tv = Tv {
        media: Media::Playing { url: "u".into(), at: 1 },
        mode: Mode::Busy { with: "w".into(), since: 2 },
        flat: Some(Mode2::A { a: 3 }),
        other: 4,
    };
    let tv = create_model("tv", tv);
    tv.patch_value(
        "",
        json!({ "media": { "Playing": { "at": 5 } }, "mode": { "since": 6 }, "a": 7 }),
    )
    .unwrap();
    let state = tv.snapshot();
    assert_eq!(state.media, Media::Playing { url: "u".into(), at: 5 });
    assert_eq!(state.mode, Mode::Busy { with: "w".into(), since: 6 });
    assert_eq!(state.flat, Some(Mode2::A { a: 7 }));

    tv.patch_value("", json!({ "media": "Idle", "mode": { "mode": "Idle" } })).unwrap();
    tv.patch_value("", json!({ "mode2": "B", "a": null, "b": 9 })).unwrap();
    let state = tv.snapshot();
    assert_eq!((&state.media, &state.mode), (&Media::Idle, &Mode::Idle));
    assert_eq!((&state.flat, state.other), (&Some(Mode2::B { b: 9 }), 4));
}

/// RFC 7396: an object takes the place of an array, and does not fit there.
#[test]
fn d0_a_struct_that_serde_writes_as_a_list_is_merged_whole() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Point(u8, u8);

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Tv {
        at: Point,
    }

    let tv = create_model("tv", Tv { at: Point(1, 2) });
    assert!(tv.patch_value("at", json!({ "0": 5 })).unwrap_err().is_misfit());
    assert!(tv.patch_value("", json!({ "at": { "1": 5 } })).unwrap_err().is_misfit());
    assert_eq!(tv.version(), 0);
    tv.patch_value("", json!({ "at": [3, 4] })).unwrap();
    assert_eq!(tv.snapshot().at, Point(3, 4));
}
