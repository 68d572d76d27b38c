//! Paths through keys and indices, and their composition.

use std::collections::{BTreeMap, HashMap};

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Town {
    users: HashMap<u32, User>,
    named: BTreeMap<String, User>,
    mayor: Option<User>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct User {
    addresses: Vec<Address>,
    age: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Address {
    city: String,
}

fn user(city: &str) -> User {
    User { addresses: vec![Address { city: city.to_owned() }], age: 30 }
}

#[test]
fn keys_and_indices_compose_to_any_depth() {
    let town = create_model("town", Town::default());
    let city = Town::PATHS.users.key(7).then(User::PATHS.addresses.at(0).then(Address::PATHS.city));
    assert_eq!(town.get(city), None);
    assert_eq!(town.set(city, "Rome".to_owned()).unwrap_err().path(), "users.7.addresses.0.city");

    town.insert(Town::PATHS.users, 7, user("Oslo"));

    assert_eq!(town.set(city, "Rome".to_owned()).as_deref(), Ok("Oslo"));
    assert_eq!(town.get(city).as_deref(), Some("Rome"));
}

#[test]
fn a_string_is_a_key_for_strings() {
    let town = create_model("town", Town::default());
    town.insert(Town::PATHS.named, "ann", user("Bonn"));
    let age = Town::PATHS.named.key("ann").then(User::PATHS.age);
    assert_eq!(town.get(age), Some(30));
    assert_eq!(age.to_string(), "named.ann.age");
}

#[test]
fn a_path_behind_an_option_leads_on_to_entries() {
    let town = create_model("town", Town { mayor: Some(user("Paris")), ..Town::default() });
    let city = Town::PATHS.mayor.some().addresses.at(0).then(Address::PATHS.city);
    assert_eq!(town.get(city).as_deref(), Some("Paris"));
    assert_eq!(town.get(Town::PATHS.mayor.some().addresses.at(1)), None);
}

#[test]
fn whole_paths_compose_to_whole_paths() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Land {
        capital: Town,
    }
    let land = create_model("land", Land::default());
    let mayor = Land::PATHS.capital.path().then(Town::PATHS.mayor);
    assert_eq!(land.set(mayor, Some(user("Bern"))), None);
    assert_eq!(land.get(Land::PATHS.capital.mayor), Some(user("Bern")));
    assert_eq!(mayor.to_string(), "capital.mayor");
}
