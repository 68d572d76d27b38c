//! D0, D1, D3: each foreign type as a value and as a key, and tuples: written by path, by text, by
//! address and by changesets, and followed by the bytes of commits.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;

use crate::ids::{followed, written};

/// A test for each type, with three of its values.
macro_rules! values {
    ($($test:ident: $ty:ty = $values:expr;)*) => {$(
        #[test]
        fn $test() {
            #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
            struct Held {
                one: $ty,
                maybe: Option<$ty>,
                many: Vec<$ty>,
                by: BTreeMap<u8, $ty>,
            }

            let values: [$ty; 3] = $values;
            let as_json = || values.each_ref().map(|value| to_value(value).unwrap());
            let [first, second, third] = values.clone();
            let (many, by) = (vec![first.clone()], BTreeMap::from([(7, first.clone())]));
            followed(Held { one: first, maybe: None, many, by }, |held| {
                held.set(Held::PATHS.one, second.clone());
                held.set(Held::PATHS.maybe, Some(second.clone()));
                held.push(Held::PATHS.many, third.clone());
                held.insert(Held::PATHS.by, 8, third.clone());
                for place in ["one", "maybe", "many.1", "by.8"] {
                    written(held, place, as_json());
                }
                held.update(|held| held.many.reverse());
                held.remove(Held::PATHS.by, 7);
                held.set_value("maybe", Value::Null).unwrap();
                let error = held.set_value("one", json!({ "no": "value" })).unwrap_err();
                assert!(error.to_string().starts_with("the value does not fit `one`: "), "{error}");
                assert_eq!(held.snapshot().one, third);
            });
        }
    )*};
}

fn second(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}

fn day(day: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

fn moment(second: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(second).unwrap()
}

fn page(name: &str) -> url::Url {
    format!("https://sprag.dev/{name}.html").parse().unwrap()
}

values! {
    d0_d1_a_uuid_is_a_value: uuid::Uuid = [1, 2, 3].map(uuid::Uuid::from_u128);
    d0_d1_a_timestamp_is_a_value: jiff::Timestamp = [1, 2, 3].map(second);
    d0_d1_a_zoned_time_is_a_value: jiff::Zoned =
        [1, 2, 3].map(|n| second(n).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(1))));
    d0_d1_a_civil_time_is_a_value: jiff::civil::DateTime =
        [1, 2, 3].map(|hour| jiff::civil::date(2026, 1, 1).at(hour, 0, 0, 0));
    d0_d1_a_chrono_time_is_a_value: chrono::DateTime<chrono::Utc> =
        [1, 2, 3].map(|n| chrono::DateTime::from_timestamp(n, 0).unwrap());
    d0_d1_a_chrono_day_is_a_value: chrono::NaiveDate = [1, 2, 3].map(day);
    d0_d1_a_moment_is_a_value: time::OffsetDateTime = [1, 2, 3].map(moment);
    d0_d1_a_url_is_a_value: url::Url = ["a", "b", "c"].map(page);
    d0_d1_bytes_are_a_value: bytes::Bytes = ["a", "b", "c"].map(bytes::Bytes::from);
    d0_d1_a_decimal_is_a_value: rust_decimal::Decimal =
        [1, 2, 3].map(|n| rust_decimal::Decimal::new(n, 2));
    d0_d1_a_small_text_is_a_value: smol_str::SmolStr = ["a", "b", "c"].map(smol_str::SmolStr::new);
    d0_d1_an_ordered_float_is_a_value: ordered_float::OrderedFloat<f64> =
        [0.5, 1.5, -2.5].map(ordered_float::OrderedFloat);
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Device {
    load: u64,
}

/// A test for each type, with three of its values, and a text that is not a key, if any is not.
macro_rules! keys {
    ($($test:ident: $ty:ty = $keys:expr, $refused:expr;)*) => {$(
        #[test]
        fn $test() {
            #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
            struct Kept {
                by: BTreeMap<$ty, Device>,
                hashed: HashMap<$ty, u64>,
            }

            let [first, second, third]: [$ty; 3] = $keys;
            let (by, hashed) = (Kept::PATHS.by, Kept::PATHS.hashed);
            followed(Kept::default(), |kept| {
                kept.insert(by, first.clone(), Device::default());
                kept.insert(by, second.clone(), Device { load: 1 });
                kept.insert(hashed, first.clone(), 1);
                let load = by.key(second.clone()).then(Device::PATHS.load);
                kept.set(load.clone(), 2).unwrap();
                written(kept, &load.to_string(), [json!(3), json!(4), json!(5)]);
                // One that is there, and one that the text adds.
                for key in [first.clone(), third.clone()] {
                    let place = hashed.key(key.clone());
                    written(kept, &place.to_string(), [json!(6), json!(7), json!(8)]);
                    assert_eq!(kept.get(place), Some(8));
                }
                kept.remove(by, first.clone());
                let error = kept.get_value(&by.key(first.clone()).to_string()).unwrap_err();
                assert!(error.to_string().contains("it has `"), "{error}");
                if let Some(text) = $refused {
                    let error = kept.set_value(&format!("hashed.{text}"), json!(1)).unwrap_err();
                    assert!(error.to_string().contains("is not a key of"), "{error}");
                }
            });
        }
    )*};
}

const NONE: Option<&str> = None;

keys! {
    d0_d1_a_uuid_is_a_key: uuid::Uuid = [1, 2, 3].map(uuid::Uuid::from_u128), Some("lamp");
    d0_d1_a_timestamp_is_a_key: jiff::Timestamp = [1, 2, 3].map(second), Some("noon");
    d0_d1_a_chrono_time_is_a_key: chrono::DateTime<chrono::Utc> =
        [1, 2, 3].map(|n| chrono::DateTime::from_timestamp(n, 0).unwrap()), Some("noon");
    d0_d1_a_chrono_day_is_a_key: chrono::NaiveDate = [1, 2, 3].map(day), Some("today");
    d0_d1_a_url_is_a_key: url::Url = ["a", "b", "c"].map(page), Some("page");
    d0_d1_a_decimal_is_a_key: rust_decimal::Decimal =
        [1, 2, 3].map(|n| rust_decimal::Decimal::new(n, 2)), Some("much");
    d0_d1_a_small_text_is_a_key: smol_str::SmolStr =
        ["a", "b.c", ""].map(smol_str::SmolStr::new), NONE;
    d0_d1_an_ordered_float_is_a_key: ordered_float::OrderedFloat<f64> =
        [0.5, 1.5, -2.5].map(ordered_float::OrderedFloat), Some("half");
}

/// A test for each length.
macro_rules! tuples {
    ($($test:ident: $($part:ty)+;)*) => {$(
        #[test]
        fn $test() {
            #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
            struct Table {
                row: ($($part,)+),
                rows: Vec<($($part,)+)>,
            }

            let length = [$(stringify!($part)),+].len();
            let filled = |n: u8| Value::from(vec![n; length]);
            followed(Table::default(), |table| {
                table.push(Table::PATHS.rows, Default::default());
                for place in ["row", "rows.0"] {
                    written(table, place, [filled(1), filled(2), filled(3)]);
                }
                let row = table.get(Table::PATHS.row);
                table.insert_at(Table::PATHS.rows, 0, row);
                table.set(Table::PATHS.row, Default::default());
                let longer = Value::from(vec![1; length + 1]);
                assert!(table.set_value("row", longer).unwrap_err().is_misfit());
            });
        }
    )*};
}

tuples! {
    d0_d1_a_tuple_of_one: u8;
    d0_d1_a_tuple_of_two: u8 u8;
    d0_d1_a_tuple_of_three: u8 u8 u8;
    d0_d1_a_tuple_of_four: u8 u8 u8 u8;
    d0_d1_a_tuple_of_five: u8 u8 u8 u8 u8;
    d0_d1_a_tuple_of_six: u8 u8 u8 u8 u8 u8;
    d0_d1_a_tuple_of_seven: u8 u8 u8 u8 u8 u8 u8;
    d0_d1_a_tuple_of_eight: u8 u8 u8 u8 u8 u8 u8 u8;
    d0_d1_a_tuple_of_nine: u8 u8 u8 u8 u8 u8 u8 u8 u8;
    d0_d1_a_tuple_of_ten: u8 u8 u8 u8 u8 u8 u8 u8 u8 u8;
    d0_d1_a_tuple_of_eleven: u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8;
    d0_d1_a_tuple_of_twelve: u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8;
}
