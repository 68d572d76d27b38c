//! D2: changesets are as small as what changed.

use std::collections::BTreeMap;

use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Board {
    title: String,
    cards: Vec<Card>,
    numbers: Vec<u32>,
    names: BTreeMap<String, String>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Card {
    id: u32,
    text: String,
}

fn cards(ids: impl IntoIterator<Item = u32>) -> Vec<Card> {
    ids.into_iter().map(|id| Card { id, text: format!("card {id}") }).collect()
}

/// The ops of one write, as text.
fn ops(board: &Model<Board>, write: impl FnOnce(&Model<Board>)) -> String {
    let mut changes = board.changes();
    write(board);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    serde_json::to_string(&commit.changeset().ops).unwrap()
}

fn board(count: u32) -> Model<Board> {
    create_model("board", Board { cards: cards(0..count), ..Board::default() })
}

#[test]
fn d2_a_push_is_its_element() {
    let board = create_model("board", Board { numbers: vec![0; 1_000_000], ..Board::default() });
    assert_eq!(
        ops(&board, |board| board.push(Board::PATHS.numbers, 7)),
        r#"[["+",["numbers",1000000],7]]"#
    );
}

#[test]
fn d2_a_removal_an_insertion_and_a_replacement_at_one_index_differ() {
    let numbers = Board::PATHS.numbers;
    let board = create_model("board", Board { numbers: vec![1, 2, 3], ..Board::default() });
    let removed = ops(&board, |board| _ = board.remove(numbers, 0));
    let inserted = ops(&board, |board| _ = board.insert_at(numbers, 0, 2));
    let replaced = ops(&board, |board| _ = board.set(numbers.at(0), 9));
    assert_eq!(removed, r#"[["-",["numbers",0]]]"#);
    assert_eq!(inserted, r#"[["+",["numbers",0],2]]"#);
    assert_eq!(replaced, r#"[["=",["numbers",0],9]]"#);
}

/// A board with this many names, each of ten bytes.
fn named(count: u32) -> Model<Board> {
    let names = (0..count).map(|name| (format!("{name:03}"), format!("{name:010}")));
    create_model("board", Board { names: names.collect(), ..Board::default() })
}

#[test]
fn d2_a_collection_that_is_emptied_is_set() {
    let places = (Board::PATHS.names, Board::PATHS.numbers);
    let of_names = r#"[["=",["names"],{}]]"#;
    assert_eq!(ops(&named(900), |board| board.retain(places.0, |_| false)), of_names);
    assert_eq!(ops(&named(900), |board| board.update(|board| board.names.clear())), of_names);
    let board = create_model("board", Board { numbers: vec![7; 900], ..Board::default() });
    assert_eq!(ops(&board, |board| board.retain(places.1, |_| false)), r#"[["=",["numbers"],[]]]"#);
}

#[test]
fn d2_a_removal_of_one_entry_is_a_removal() {
    let removed = r#"[["-",["names","000"]]]"#;
    assert_eq!(ops(&named(1), |board| board.retain(Board::PATHS.names, |_| false)), removed);
    assert_eq!(ops(&named(1), |board| board.update(|board| board.names.clear())), removed);
    let board = create_model("board", Board { numbers: vec![7], ..Board::default() });
    let removed = ops(&board, |board| _ = board.remove(Board::PATHS.numbers, 0));
    assert_eq!(removed, r#"[["-",["numbers",0]]]"#);
}

#[test]
fn d2_removals_from_a_map_with_a_rest_are_removals() {
    for (count, kept) in [(10, 9), (10, 5), (3, 1)] {
        let ops = ops(&named(count), |board| {
            board.retain(Board::PATHS.names, |(name, _)| name.parse::<u32>().unwrap() < kept);
        });
        assert_eq!(ops.matches(r#"["-",["names","#).count() as u32, count - kept, "{ops}");
        assert!(!ops.contains('='), "{ops}");
    }
}

#[test]
fn d2_a_list_that_loses_more_than_it_keeps_is_set() {
    let numbers = || Board { numbers: (0..10).collect(), ..Board::default() };
    let cut = |kept: usize| {
        let board = create_model("board", numbers());
        ops(&board, |board| board.update(|board| board.numbers.truncate(kept)))
    };
    assert_eq!(cut(3), r#"[["=",["numbers"],[0,1,2]]]"#);
    assert_eq!(cut(6), r#"[["-",["numbers"],[6,7,8,9]]]"#);
}

#[test]
fn d2_a_list_of_numbers_of_which_more_than_a_third_differs_is_set() {
    for (len, count, is_set) in [(9, 3, false), (10, 3, false), (10, 4, true)] {
        let board =
            create_model("board", Board { numbers: (0..len).collect(), ..Board::default() });
        let change = |board: &mut Board| board.numbers[2..2 + count].fill(77);
        let ops = ops(&board, |board| board.update(change));
        assert_eq!(ops.starts_with(r#"[["=",["numbers"],["#), is_set, "{ops}");
        assert_eq!(ops.matches(r#"["=""#).count(), if is_set { 1 } else { count }, "{ops}");
    }
}

#[test]
fn d2_removals_are_no_larger_than_the_map_that_is_left() {
    // A removal has 21 bytes, and an entry of the map 19.
    for (count, kept, is_set) in [(100, 10, true), (100, 52, true), (100, 53, false), (3, 1, true)]
    {
        let first =
            |board: &mut Board| board.names.retain(|name, _| name.parse::<u32>().unwrap() < kept);
        let ops = ops(&named(count), |board| board.update(first));
        assert_eq!(ops.starts_with(r#"[["=",["names"],{"000":"#), is_set, "{count}, {kept}: {ops}");
        assert_eq!(ops.matches(r#"["-""#).count() as u32, if is_set { 0 } else { count - kept });
    }
    let board = named(3);
    board.set(Board::PATHS.names.key("000"), "x".repeat(1_000)).unwrap();
    let ops =
        ops(&board, |board| board.update(|board| board.names.retain(|name, _| name == "000")));
    assert_eq!(ops, r#"[["-",["names","001"]],["-",["names","002"]]]"#);
}

#[test]
fn d2_an_update_is_the_places_that_differ() {
    let board = board(1_000);
    let set = ops(&board, |board| {
        board.update(|board| {
            board.title = "new".into();
            board.cards[500].text = "changed".into();
        });
    });
    assert_eq!(set, r#"[["=",["title"],"new"],["=",["cards",500,"text"],"changed"]]"#);
    assert_eq!(ops(&board, |board| board.update(|_| ())), "[]");
    assert_eq!(ops(&board, |board| drop(board.replace(Board::clone(&board.snapshot())))), "[]");
}

#[test]
fn d2_an_update_of_one_place_is_the_parts_that_differ() {
    let board = board(1_000);
    let first = ops(&board, |board| {
        board.update_at(Board::PATHS.cards, |cards| cards[500].text = "changed".into());
    });
    assert_eq!(first, r#"[["=",["cards",500,"text"],"changed"]]"#);
    let in_a_transaction = ops(&board, |board| {
        let written: Result<(), ()> = board.transaction(|tx| {
            tx.update_at(Board::PATHS.cards, |cards| cards.truncate(999));
            tx.update_at(Board::PATHS.title, |title| title.push('!'));
            Ok(())
        });
        written.unwrap();
    });
    assert_eq!(in_a_transaction, r#"[["-",["cards",999]],["=",["title"],"!"]]"#);
    let of_a_struct = ops(&board, |board| {
        board.update_at(Board::PATHS.cards.at(1), |card| card.text = "new".into()).unwrap();
    });
    assert_eq!(of_a_struct, r#"[["=",["cards",1,"text"],"new"]]"#);
}

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Panel {
    limits: Limits,
    mode: Mode,
    seats: Seats,
    knob: Knob,
    #[serde(flatten)]
    place: Coordinates,
    #[serde(skip)]
    draft: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Limits {
    the_lowest_temperature: i8,
    the_highest_temperature: i8,
    #[serde(skip)]
    draft: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Seats {
    #[serde(default, skip_serializing_if = "is_many")]
    left: u8,
    right: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Knob {
    level: u8,
    #[serde(skip)]
    draft: u8,
}

fn is_many(count: &u8) -> bool {
    *count > 8
}

#[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Coordinates {
    north: u8,
    east: u8,
}

#[derive(Model, Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Mode {
    Timed { begins_at: u8, ends_at: u8 },
}

impl Default for Mode {
    fn default() -> Self {
        Self::Timed { begins_at: 0, ends_at: 0 }
    }
}

/// The ops of an `update` of a panel, which an undo takes back.
fn panel_ops(change: fn(&mut Panel)) -> serde_json::Value {
    let panel = create_model("panel", Panel::default());
    let (history, mut changes) = (panel.history(1), panel.changes());
    panel.update(change);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    history.undo().unwrap();
    assert_eq!(*panel.snapshot(), Panel::default());
    serde_json::to_value(commit.changeset().ops).unwrap()
}

#[test]
fn d2_fields_of_which_all_differ_are_one_set() {
    let limits = panel_ops(|panel| {
        let limits = Limits { the_lowest_temperature: -8, the_highest_temperature: 8, draft: 1 };
        panel.limits = limits;
    });
    let value = json!({ "the_lowest_temperature": -8, "the_highest_temperature": 8 });
    assert_eq!(limits, json!([["=", ["limits"], value]]));
    let mode = panel_ops(|panel| panel.mode = Mode::Timed { begins_at: 7, ends_at: 9 });
    let value = json!({ "Timed": { "begins_at": 7, "ends_at": 9 } });
    assert_eq!(mode, json!([["=", ["mode"], value]]));
    let seats = panel_ops(|panel| panel.seats = Seats { left: 9, right: 1 });
    assert_eq!(seats, json!([["=", ["seats"], { "right": 1 }]]));
}

#[test]
fn d2_fields_beside_one_that_stays_have_ops_of_their_own() {
    let limits = panel_ops(|panel| {
        panel.limits.the_lowest_temperature = -8;
        panel.limits.the_highest_temperature = 8;
    });
    let lowest = json!(["=", ["limits", "the_lowest_temperature"], -8]);
    let highest = json!(["=", ["limits", "the_highest_temperature"], 8]);
    assert_eq!(limits, json!([lowest, highest]), "`draft` stays");
    let hidden = panel_ops(|panel| {
        panel.limits.the_lowest_temperature = -8;
        panel.limits.draft = 1;
    });
    assert_eq!(hidden, json!([lowest]));
    let knob = panel_ops(|panel| panel.knob = Knob { level: 1, draft: 1 });
    assert_eq!(knob, json!([["=", ["knob", "level"], 1]]), "serde writes one field");
    // A flattened struct is not a value of its own in the JSON.
    let place = panel_ops(|panel| panel.place = Coordinates { north: 1, east: 2 });
    assert_eq!(place, json!([["=", ["north"], 1], ["=", ["east"], 2]]));
    let mode = panel_ops(|panel| panel.mode = Mode::Timed { begins_at: 0, ends_at: 9 });
    assert_eq!(mode, json!([["=", ["mode", "Timed", "ends_at"], 9]]));
}

#[test]
fn d5_an_undo_of_some_fields_leaves_the_field_beside_them() {
    let panel = create_model("panel", Panel::default());
    let mine = panel.by(sprag::state::Origin::new("tab", 1));
    let history = mine.history(1);
    mine.update(|panel| {
        panel.limits.the_lowest_temperature = -8;
        panel.limits.the_highest_temperature = 8;
    });
    panel.set(Panel::PATHS.limits.draft, 1);
    history.undo().unwrap();
    assert_eq!(panel.get(Panel::PATHS.limits), Limits { draft: 1, ..Limits::default() });
}

#[test]
fn d2_elements_that_come_go_and_move_are_few_ops() {
    let at =
        |ids: Vec<u32>| ops(&board(1_000), |board| board.update(|board| board.cards = cards(ids)));

    let inserted = at(std::iter::once(2_000).chain(0..1_000).collect());
    assert_eq!(inserted, r#"[["+",["cards",0],{"id":2000,"text":"card 2000"}]]"#);
    let removed = at((0..1_000).filter(|id| id % 500 != 1).collect());
    assert_eq!(removed, r#"[["-",["cards",1]],["-",["cards",500]]]"#);
    let moved = at(std::iter::once(999).chain(0..999).collect());
    assert_eq!(moved, r#"[["+",["cards",0],{"id":999,"text":"card 999"}],["-",["cards",1000]]]"#);
}

#[test]
fn d2_a_list_of_which_nothing_stays_is_set() {
    let set = ops(&board(3), |board| board.update(|board| board.cards = cards(10..12)));
    assert_eq!(set, json!([["=", ["cards"], cards(10..12)]]).to_string());
}

#[test]
fn d2_a_sort_names_the_moved_elements_alone() {
    let board = create_model("board", Board { numbers: vec![1, 2, 4, 3, 5], ..Board::default() });
    assert_eq!(
        ops(&board, |board| board.sort(Board::PATHS.numbers)),
        r#"[["~",["numbers"],2,[3,2]]]"#
    );
}

#[test]
fn d2_a_patch_is_one_op_for_each_field_that_it_changes() {
    let board = board(2);
    let patch = BoardPatch::new().title("new".into()).cards(cards(0..2));
    assert_eq!(
        ops(&board, |board| {
            board.patch(patch);
        }),
        r#"[["=",["title"],"new"]]"#
    );
}

#[test]
fn d2_a_reversed_list_is_found_within_the_deadline() {
    let board = create_model("board", Board { numbers: (0..20_000).collect(), ..Board::default() });
    let set = ops(&board, |board| board.update(|board| board.numbers.reverse()));
    assert!(set.len() < 3 * 20_000 * 6, "{}", set.len());
}

#[test]
fn d4_a_list_that_an_update_shortens_and_extends_comes_back() {
    let before: Vec<u32> = (0..40).collect();
    let board = create_model("board", Board { numbers: before.clone(), ..Board::default() });
    let history = board.history(8);
    // Elements go at the front, in the middle and at the end, and others come between.
    let changes: [fn(&mut Vec<u32>); 4] = [
        |numbers| drop(numbers.drain(3..9)),
        |numbers| drop(numbers.splice(10..12, [100, 101, 102, 103])),
        |numbers| numbers.truncate(29),
        |numbers| {
            numbers.drain(20..27);
            numbers.drain(..2);
            numbers.insert(5, 200);
        },
    ];
    let mut states = vec![before];
    for change in changes {
        board.update(|board| change(&mut board.numbers));
        states.push(board.snapshot().numbers.clone());
    }
    for state in states.iter().rev().skip(1) {
        history.undo().unwrap();
        assert_eq!(&board.snapshot().numbers, state);
    }
    for state in states.iter().skip(1) {
        history.redo().unwrap();
        assert_eq!(&board.snapshot().numbers, state);
    }
}
