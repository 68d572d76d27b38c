//! D0: programs on which the JSON of other libraries failed, with the values that they give.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::prelude::*;

mod odd_keys {
    use super::*;

    /// Keys of one map each, and names of fields, that a text could take for something else.
    const KEYS: &[&str] = &[
        "a.b", "a", "", ".", "..", "/", "~", "~1", "a/b", "\"", "'", "`", "\\", "\\.", "a\\.b",
        " ", "\n", "é", "0", "01", "-1", "[0]", "a[0]", "x", "x.x", "len", "some", "by", "\0",
        "a.b.c", "#", "%2E", "🦀", "null", "true", "a\\", "\\\\", "*", "$", "{}",
    ];

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct State {
        by: BTreeMap<String, Inner>,
        deep: BTreeMap<String, BTreeMap<String, u8>>,
        letters: BTreeMap<char, u8>,
        numbers: HashMap<i64, u8>,
        flags: BTreeMap<bool, u8>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Inner {
        x: u8,
        #[serde(rename = "a.b")]
        dotted: u8,
        #[serde(rename = "0")]
        zero: u8,
    }

    #[test]
    fn d0_a_path_through_any_key_prints_a_text_that_leads_back() {
        for key in KEYS {
            let state = create_model("state", State::default());
            state.insert(State::PATHS.by, *key, Inner::default());
            for place in [Inner::PATHS.x, Inner::PATHS.dotted, Inner::PATHS.zero] {
                let place = State::PATHS.by.key(*key).then(place);
                let text = place.to_string();
                state.set_value(&text, json!(7)).unwrap();
                assert_eq!(state.get(place), Some(7), "{text}");
                assert_eq!(state.get_value(&text).unwrap(), 7, "{text}");
            }
        }
    }

    #[test]
    fn d0_a_path_through_two_odd_keys_leads_to_no_other_place() {
        for key in KEYS {
            for inner in KEYS {
                let state = create_model("state", State::default());
                let entry = BTreeMap::from([((*inner).to_owned(), 0)]);
                state.insert(State::PATHS.deep, *key, entry);
                let place = State::PATHS.deep.key(*key).key(*inner);
                state.set_value(&place.to_string(), json!(7)).unwrap();
                let entry = BTreeMap::from([((*inner).to_owned(), 7)]);
                assert_eq!(state.snapshot().deep, [((*key).to_owned(), entry)].into());
            }
        }
    }

    #[test]
    fn d0_keys_that_are_no_strings_are_printed_as_texts_that_lead_back() {
        let state = create_model("state", State::default());
        for letter in ['a', '.', '0', ' ', '\\', '"', '\'', 'é', '\n'] {
            state.insert(State::PATHS.letters, letter, 1);
            state.set_value(&State::PATHS.letters.key(letter).to_string(), json!(9)).unwrap();
        }
        for number in [0, -5, i64::MIN, i64::MAX] {
            state.insert(State::PATHS.numbers, number, 1);
            state.set_value(&State::PATHS.numbers.key(number).to_string(), json!(9)).unwrap();
        }
        for flag in [true, false] {
            state.insert(State::PATHS.flags, flag, 1);
            state.set_value(&State::PATHS.flags.key(flag).to_string(), json!(9)).unwrap();
        }
        let state = state.snapshot();
        assert!(state.letters.values().all(|value| *value == 9) && state.letters.len() == 9);
        assert!(state.numbers.values().all(|value| *value == 9) && state.numbers.len() == 4);
        assert!(state.flags.values().all(|value| *value == 9) && state.flags.len() == 2);
    }
}

/// A struct, and the same struct in a list, whose `first_name` has a name for each direction. A
/// merge or a write of another member keeps it.
macro_rules! kept {
    ($($name:ident: [$($container:meta)?] [$($field:meta),*];)*) => {$(
        mod $name {
            use super::*;

            #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
            #[serde(default)]
            $(#[$container])?
            struct Outer {
                $(#[$field])*
                first_name: u8,
                n: u8,
                deep: Vec<Inner>,
            }

            #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
            #[serde(default)]
            $(#[$container])?
            struct Inner {
                $(#[$field])*
                first_name: u8,
                n: u8,
            }

            #[test]
            fn d0_a_merge_keeps_a_member_with_names_of_its_own() {
                let deep = vec![Inner { first_name: 4, n: 1 }];
                let outer = create_model("outer", Outer { first_name: 3, n: 1, deep });
                outer.patch_value("", json!({ "n": 5 })).unwrap();
                outer.set_value("n", json!(6)).unwrap();
                outer.patch_value("deep.0", json!({ "n": 7 })).unwrap();
                let deep = vec![Inner { first_name: 4, n: 7 }];
                assert_eq!(*outer.snapshot(), Outer { first_name: 3, n: 6, deep });
            }
        }
    )*};
}

kept! {
    renamed_for_writing: [] [serde(rename(serialize = "firstName"))];
    renamed_for_reading: [] [serde(rename(deserialize = "firstName"))];
    renamed_for_both: [] [serde(rename(serialize = "a", deserialize = "b"))];
    renamed_twice: [] [serde(rename(serialize = "a")), serde(rename(deserialize = "b"))];
    renamed_twice_reversed: [] [serde(rename(deserialize = "b")), serde(rename(serialize = "a"))];
    all_renamed_for_writing: [serde(rename_all(serialize = "camelCase"))] [];
    all_renamed_for_reading: [serde(rename_all(deserialize = "camelCase"))] [];
    all_renamed_for_both:
        [serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"))] [];
    never_read: [] [serde(skip_deserializing)];
    never_written: [] [serde(skip_serializing)];
    read_by_alias: [serde(rename_all(serialize = "camelCase"))] [serde(alias = "firstName")];
}

#[test]
fn d0_a_variant_keeps_fields_that_are_renamed_for_writing() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all_fields(serialize = "camelCase"))]
    enum Held {
        One {
            #[serde(default)]
            first_name: u8,
            n: u8,
        },
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        held: Held,
        n: u8,
    }

    let holder = create_model("holder", Holder { held: Held::One { first_name: 3, n: 1 }, n: 1 });
    holder.patch_value("", json!({ "n": 2 })).unwrap();
    assert_eq!(*holder.snapshot(), Holder { held: Held::One { first_name: 3, n: 1 }, n: 2 });
}

#[test]
fn d0_names_of_containers_are_those_of_serde() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all(serialize = "camelCase"), default)]
    struct Person {
        first_name: u8,
        age: u8,
        #[serde(rename = "lastName")]
        last_name: u8,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", rename_all = "camelCase", rename = "a-box")]
    struct Tagged {
        max_size: u8,
        inner: Box<Two>,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Two(u8, #[serde(default)] u8);

    let person = create_model("person", Person { first_name: 3, age: 1, last_name: 0 });
    assert_eq!(person.get_value("firstName").unwrap(), 3);
    person.set_value("age", json!(2)).unwrap();
    person.set_value("lastName", json!(9)).unwrap();
    person.patch_value("", json!({ "age": 5 })).unwrap();
    assert_eq!(*person.snapshot(), Person { first_name: 3, age: 5, last_name: 9 });

    let tagged = create_model("tagged", Tagged { max_size: 1, inner: Box::new(Two(1, 2)) });
    let written = json!({ "type": "a-box", "maxSize": 1, "inner": [1, 2] });
    assert_eq!(tagged.get_value("").unwrap(), written);
    tagged.set_value("maxSize", json!(3)).unwrap();
    tagged.set_value("inner.1", json!(8)).unwrap();
    tagged.set_value("inner", json!([5])).unwrap();
    assert_eq!(*tagged.snapshot(), Tagged { max_size: 3, inner: Box::new(Two(5, 0)) });
}

#[test]
fn d0_flattened_parts_are_merged_switched_and_kept() {
    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Source {
        File {
            path: String,
            #[serde(default)]
            offset: u64,
        },
        Url {
            url: String,
        },
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Extra {
        a: u8,
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Media {
        id: u8,
        #[serde(flatten)]
        source: Source,
        #[serde(flatten)]
        extra: Option<Extra>,
        tags: Option<Vec<Option<u8>>>,
    }

    let file = |offset| Source::File { path: "p".into(), offset };
    let tags = Some(vec![Some(1), None]);
    let media = create_model("media", Media { id: 1, source: file(9), extra: None, tags });
    media.set_value("id", json!(2)).unwrap();
    media.set_value("file.offset", json!(10)).unwrap();
    media.patch_value("", json!({ "id": 3 })).unwrap();
    assert_eq!((media.snapshot().id, &media.snapshot().source), (3, &file(10)));
    let switch = json!({ "kind": "url", "url": "u", "path": null, "offset": null });
    media.patch_value("", switch).unwrap();
    assert_eq!(media.snapshot().source, Source::Url { url: "u".into() });
    media.set_value("tags.1", json!(4)).unwrap();
    media.set_value("tags.0", json!(null)).unwrap();
    assert_eq!(media.snapshot().tags, Some(vec![None, Some(4)]));
    media.patch_value("", json!({ "tags": null })).unwrap();
    assert_eq!((&media.snapshot().tags, &media.snapshot().extra), (&None, &None));
}
