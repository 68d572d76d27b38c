//! D1, D3: ops at the content of a variant and in a tuple with a skipped element, and at fields
//! that serde may leave out of a value that is set as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;

use crate::interpreter;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Item {
    stars: u8,
}

/// The name of a variant is that of all contents.
#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
enum Event {
    Data(u8),
    Play(Item),
    End { reason: u8 },
    Pair(u8, Item),
    Idle,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Log {
    last: Event,
}

/// The ops of a write, which lead to the state after it in an interpreter and in a copy; the
/// inverse leads back in both.
fn ops<T>(state: &T, write: impl FnOnce(&Model<T>)) -> Value
where
    T: sprag::path::State + Clone + PartialEq + std::fmt::Debug + Serialize + Send + Sync,
{
    let (model, copy) = (create_model("model", state.clone()), create_model("copy", state.clone()));
    let mut changes = model.changes();
    write(&model);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    for (set, before, after) in [
        (commit.changeset(), state, &*model.snapshot()),
        (commit.inverse(), &*model.snapshot(), state),
    ] {
        let text = serde_json::to_string(&set).unwrap();
        let json = interpreter::apply(to_value(before).unwrap(), &to_value(&set).unwrap());
        assert_eq!(json.unwrap(), to_value(after).unwrap(), "{text}");
        copy.apply(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(*copy.snapshot(), *after, "{text}");
    }
    to_value(commit.changeset()).unwrap()["ops"].take()
}

#[test]
fn d3_the_content_of_a_variant_is_set_under_its_name() {
    let last = Log::PATHS.last;
    let data = ops(&Log { last: Event::Data(1) }, |log| _ = log.set(last.data.0, 2));
    assert_eq!(data, json!([["=", ["last", "data"], 2]]));
    let play = ops(&Log { last: Event::Play(Item { stars: 1 }) }, |log| {
        _ = log.set(last.play.0, Item { stars: 2 });
    });
    assert_eq!(play, json!([["=", ["last", "data"], { "stars": 2 }]]));
}

#[test]
fn d3_the_name_of_the_content_is_not_that_of_a_variant() {
    let last = Log::PATHS.last;
    let play = ops(&Log { last: Event::Play(Item { stars: 1 }) }, |log| {
        _ = log.set(last.play.0.stars, 2);
    });
    assert_eq!(play, json!([["=", ["last", "data", "stars"], 2]]));
    let end = ops(&Log { last: Event::End { reason: 1 } }, |log| _ = log.set(last.end.reason, 2));
    assert_eq!(end, json!([["=", ["last", "data", "reason"], 2]]));
    let pair = Log { last: Event::Pair(1, Item { stars: 1 }) };
    let pair = ops(&pair, |log| _ = log.set(last.pair.1.stars, 2));
    assert_eq!(pair, json!([["=", ["last", "data", 1, "stars"], 2]]));
}

#[test]
fn d3_a_content_that_is_no_place_of_its_own_is_refused() {
    for last in [Event::Pair(1, Item { stars: 1 }), Event::End { reason: 1 }, Event::Idle] {
        let log = create_model("log", Log { last });
        let set = json!({ "from": 0, "to": 1, "ops": [["=", ["last", "data"], 2]] });
        assert!(log.apply(&serde_json::from_value(set).unwrap()).is_err());
        assert_eq!(log.version(), 0);
    }
}

/// The name of a variant is that of a field in another one.
#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Source {
    Stars { count: u8 },
    Item(Item),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Answer {
    #[serde(with = "as_text")]
    Text(Item),
    #[serde(untagged)]
    Item { item: Item, count: u8 },
    #[serde(untagged)]
    Number(u8),
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Item;

    pub(super) fn serialize<S: Serializer>(item: &Item, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&item.stars.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Item, D::Error> {
        let stars = String::deserialize(deserializer)?.parse().map_err(D::Error::custom)?;
        Ok(Item { stars })
    }
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Span(u8, #[serde(skip)] u8, Item);

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Query {
    source: Source,
    answer: Answer,
    span: Span,
}

fn query(answer: Answer) -> Query {
    let item = Item { stars: 1 };
    Query { source: Source::Item(item.clone()), answer, span: Span(1, 0, item) }
}

#[test]
fn d3_a_field_of_the_active_variant_is_not_another_variant() {
    let stars = ops(&query(Answer::Number(1)), |query| {
        _ = query.set(Query::PATHS.source.item.0.stars, 2);
    });
    assert_eq!(stars, json!([["=", ["source", "stars"], 2]]));
}

#[test]
fn d1_an_untagged_variant_among_others_is_written_without_its_name() {
    let answer = Query::PATHS.answer;
    let state = query(Answer::Item { item: Item { stars: 1 }, count: 1 });
    let count = ops(&state, |query| _ = query.set(answer.item.count, 2));
    assert_eq!(count, json!([["=", ["answer", "count"], 2]]));
    let stars = ops(&state, |query| _ = query.set(answer.item.item.stars, 2));
    assert_eq!(stars, json!([["=", ["answer", "item", "stars"], 2]]));
    let number = ops(&query(Answer::Number(1)), |query| _ = query.set(answer.number.0, 2));
    assert_eq!(number, json!([["=", ["answer"], 2]]));
    let model = create_model("query", state);
    assert_eq!(model.get_value("answer.item.count").unwrap(), json!(1));
    model.set_value("answer.item.item.stars", json!(7)).unwrap();
    assert_eq!(model.get(answer.item.item.stars), Some(7));
}

#[test]
fn d1_a_variant_that_functions_of_the_user_write_is_set_with_its_enum() {
    let answer = Query::PATHS.answer;
    let state = query(Answer::Text(Item { stars: 1 }));
    let stars = ops(&state, |query| _ = query.set(answer.text.0.stars, 2));
    assert_eq!(stars, json!([["=", ["answer"], { "Text": "2" }]]));
    let item = ops(&state, |query| _ = query.set(answer.text.0, Item { stars: 2 }));
    assert_eq!(item, json!([["=", ["answer"], { "Text": "2" }]]));
}

#[test]
fn d3_an_element_behind_a_skipped_one_is_found() {
    let stars = ops(&query(Answer::Number(1)), |query| _ = query.set(Query::PATHS.span.2.stars, 2));
    assert_eq!(stars, json!([["=", ["span", 1, "stars"], 2]]));
}

/// A type that does not know what its content can do.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shelf<T> {
    #[serde(default = "nothing", skip_serializing_if = "Option::is_none")]
    first: Option<T>,
    item: Item,
}

fn nothing<T>() -> Option<T> {
    None
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    shelf: Shelf<u8>,
}

#[test]
fn d1_a_field_that_serde_may_leave_out_is_set_with_an_owner_that_is_not_known_to_be_clone() {
    let room = |first| Room { shelf: Shelf { first, item: Item { stars: 1 } } };
    for (old, new) in [(Some(1), Some(2)), (Some(1), None), (None, Some(1))] {
        let written = ops(&room(old), |room| _ = room.set(Room::PATHS.shelf.first, new));
        assert_eq!(written, json!([["=", ["shelf"], room(new).shelf]]));
        ops(&room(old), |room| room.update_at(Room::PATHS.shelf.first, |first| *first = new));
        ops(&room(old), |model| model.update(|state| *state = room(new)));
    }
    let written = ops(&room(Some(1)), |room| _ = room.set(Room::PATHS.shelf.first.some(), 2));
    assert_eq!(written, json!([["=", ["shelf", "first"], 2]]));
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shared {
    items: BTreeMap<String, Arc<Item>>,
}

#[test]
fn d4_a_value_around_several_places_of_one_write_is_set_once() {
    let items = (1..=5).map(|stars| (stars.to_string(), Arc::new(Item { stars })));
    let state = Shared { items: items.collect() };
    let left = ops(&state, |shared| shared.retain(Shared::PATHS.items, |(_, item)| item.stars > 2));
    assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
}
