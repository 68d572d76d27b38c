//! The effects of `#[model(…)]` and `#[serde(…)]` on paths.

use serde::{Deserialize, Serialize};
use sprag::path::{Kind, LeafPath, Path, State};
use sprag::prelude::*;

/// Represents a type of another crate: the derive cannot distinguish the two.
#[derive(Clone, Debug, Default, PartialEq)]
struct Foreign {
    name: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Page {
    #[model(leaf)]
    foreign: Foreign,
    #[model(skip)]
    cache: Foreign,
    #[model(rename = "head-line")]
    title: String,
    price: Money,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(leaf)]
struct Money {
    cents: i64,
}

#[derive(Model, Clone, Debug, PartialEq)]
struct Holes(u8, #[model(skip)] Foreign, u16, #[model(leaf)] Foreign);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    max_volume: u8,
    #[serde(rename = "lang")]
    language_code: String,
    #[serde(rename(serialize = "out", deserialize = "in"))]
    both_ways: u8,
    #[model(rename = "mine")]
    #[serde(rename = "theirs")]
    of_two: u8,
    #[serde(skip)]
    session_key: u8,
    #[serde(flatten)]
    network: Network,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Network {
    port: u16,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum Job {
    InProgress {
        done_so_far: u8,
    },
    #[serde(rename = "over")]
    Finished {
        exit_code: u8,
    },
    #[model(rename = "bad")]
    Failed {
        last_words: String,
    },
}

const FOREIGN: LeafPath<Page, Foreign> = Page::PATHS.foreign;
const PRICE: Path<Page, Money> = Page::PATHS.price;

#[test]
fn a_leaf_is_one_value_of_any_type() {
    let page = create_model("page", Page::default());
    let foreign = Foreign { name: "x".to_owned() };

    page.set(FOREIGN, foreign.clone());
    page.set(PRICE, Money { cents: 5 });

    assert_eq!(page.get(FOREIGN), foreign);
    assert_eq!(page.get(PRICE).cents, 5);
    assert_eq!(FOREIGN.to_string(), "foreign");
    assert_eq!(Money::__SHAPE.kind, Kind::Leaf);
}

#[test]
fn a_skipped_field_has_no_node() {
    assert_eq!(Page::__SHAPE.nodes, 4);
    let page = create_model("page", Page::default());
    page.update(|page| page.cache.name.push('!'));
    assert_eq!(page.snapshot().cache.name, "!");
}

#[test]
fn a_skipped_field_of_a_tuple_struct_keeps_the_numbers_of_the_others() {
    let foreign = Foreign::default();
    let holes = create_model("holes", Holes(1, foreign.clone(), 2, foreign.clone()));
    assert_eq!(holes.snapshot().1, foreign);
    assert_eq!(holes.get(Holes::PATHS.2), 2);
    assert_eq!(holes.get(Holes::PATHS.3), foreign);
    assert_eq!(Holes::PATHS.2.to_string(), "2");
}

#[test]
fn texts_follow_serde_and_our_own_rename_wins() {
    let texts = [
        Settings::PATHS.max_volume.to_string(),
        Settings::PATHS.language_code.to_string(),
        Settings::PATHS.both_ways.to_string(),
        Settings::PATHS.of_two.to_string(),
        Settings::PATHS.network.port.to_string(),
        Page::PATHS.title.to_string(),
    ];
    assert_eq!(texts, ["maxVolume", "lang", "out", "mine", "port", "head-line"]);
}

#[test]
fn a_field_that_serde_skips_has_a_path_but_no_text() {
    let skipped = Settings::__SHAPE.fields.iter().filter(|field| field.skipped);
    assert_eq!(skipped.map(|field| field.name).collect::<Vec<_>>(), ["sessionKey"]);
    let settings = create_model("settings", Settings::default());
    assert_eq!(settings.set(Settings::PATHS.session_key, 9), 0);
}

#[test]
fn variants_follow_serde_too() {
    let texts = [
        Job::PATHS.in_progress.done_so_far.to_string(),
        Job::PATHS.finished.exit_code.to_string(),
        Job::PATHS.failed.last_words.to_string(),
    ];
    assert_eq!(texts, ["IN_PROGRESS.doneSoFar", "over.exitCode", "bad.lastWords"]);
}

#[test]
fn documentation_of_the_shape_counts_every_node() {
    // The enum, three variants, one field in each.
    assert_eq!(Job::__SHAPE.nodes, 7);
    assert_eq!(Job::__SHAPE.kind, Kind::Enum);
}
